"""What filing with the tax office brings: the registry loads this module."""

from flask import url_for
from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import (
    Declared,
    DeclaredFor,
    OwnWork,
    Pages,
    Plugin,
    Retention,
    Tab,
)
from core.plugin.registry import manifest_of
from plugins.belastingdienst import hooks
from plugins.belastingdienst.demo import SANDBOX
from plugins.belastingdienst.evidence import retention
from plugins.belastingdienst.models import MODELS
from plugins.belastingdienst.reminders import due
from plugins.belastingdienst.settings import Settings
from plugins.belastingdienst.setup import administrations
from plugins.belastingdienst.tasks import TASKS
from plugins.belastingdienst.texts import TEXTS
from plugins.belastingdienst.views import blueprint


def _administrations() -> list[Declared]:
    found = administrations.of_tenant()
    return [Declared(row.id, row.code, row.description) for row in found]


def _address() -> str:
    return url_for("belastingdienst.index")


plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    hooks=hooks,
    brings=(
        Pages(blueprint=blueprint, tab=Tab("belastingdienst.index", _l("Aangifte"))),
        OwnWork(kinds=due.KINDS),
        Retention(kept=retention.KEPT, forget=retention.forget),
        DeclaredFor(administrations=_administrations, address=_address),
    ),
    models=MODELS,
    tasks=TASKS,
    texts=TEXTS,
    sandbox=SANDBOX,
)
