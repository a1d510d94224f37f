"""What VIES brings: the registry loads this module."""

from core.plugin.capabilities import Pages, Plugin, VatRegister
from core.plugin.registry import manifest_of
from plugins.vies.demo import SANDBOX
from plugins.vies.models import ViesConsultation
from plugins.vies.register import check, usage
from plugins.vies.settings import Settings

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(VatRegister(check), Pages(usage=usage)),
    models=(ViesConsultation,),
    sandbox=SANDBOX,
)
