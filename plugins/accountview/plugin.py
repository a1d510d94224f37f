"""What AccountView brings: the registry loads this module."""

from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import OwnWork, Pages, Plugin, Retention, Tab
from core.plugin.registry import manifest_of
from plugins.accountview import due, hooks, keeping
from plugins.accountview.connector import AccountViewConnector
from plugins.accountview.demo import SANDBOX
from plugins.accountview.models import MODELS
from plugins.accountview.settings import Settings
from plugins.accountview.tasks import TASKS
from plugins.accountview.texts import TEXTS
from plugins.accountview.views import blueprint

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(
        Pages(blueprint=blueprint, tab=Tab("accountview.index", _l("Aangifte"))),
        OwnWork(kinds=due.KINDS),
        Retention(kept=keeping.KEPT, forget=keeping.forget),
    ),
    connector=AccountViewConnector(),
    models=MODELS,
    tasks=TASKS,
    hooks=hooks,
    texts=TEXTS,
    sandbox=SANDBOX,
)
