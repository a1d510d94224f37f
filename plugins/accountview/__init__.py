"""AccountView: BTW and ICP declarations, by Digipoort or Visma.net AutoReport."""

from core.plugin import Plugin
from core.registry import manifest_of
from plugins.accountview import due, keeping
from plugins.accountview.demo import SANDBOX
from plugins.accountview.models import MODELS
from plugins.accountview.tasks import TASKS
from plugins.accountview.texts import TEXTS
from plugins.accountview.views import blueprint

plugin = Plugin(
    manifest=manifest_of(__file__),
    tasks=TASKS,
    models=MODELS,
    texts=TEXTS,
    sandbox=SANDBOX,
    wake_due=due.wake,
    kept=keeping.KEPT,
    forget=keeping.forget,
    blueprint=blueprint,
)
