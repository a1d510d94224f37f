"""What AccountView brings: the registry loads this module."""

from core.plugin.capabilities import Pages, Plugin
from core.plugin.registry import manifest_of
from plugins.accountview import hooks, models, undertakings
from plugins.accountview.connector import AccountViewConnector
from plugins.accountview.demo import SANDBOX
from plugins.accountview.ledger import LEDGER
from plugins.accountview.route import ROUTE
from plugins.accountview.settings import Settings
from plugins.accountview.tasks import TASKS
from plugins.accountview.texts import TEXTS
from plugins.accountview.views import blueprint

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(Pages(blueprint=blueprint), LEDGER, ROUTE, undertakings.KEPT),
    connector=AccountViewConnector(),
    models=models.MODELS,
    tasks=TASKS,
    hooks=hooks,
    texts=TEXTS,
    sandbox=SANDBOX,
)
