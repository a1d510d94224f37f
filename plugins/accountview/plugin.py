"""What AccountView brings: the registry loads this module."""

from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import Plugin, Tab
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
    hooks=hooks,
    models=MODELS,
    connector=AccountViewConnector(),
    blueprint=blueprint,
    tasks=TASKS,
    tab=Tab("accountview.index", _l("Aangifte")),
    texts=TEXTS,
    sandbox=SANDBOX,
    due_work=due.KINDS,
    kept=keeping.KEPT,
    forget=keeping.forget,
)
