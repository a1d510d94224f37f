"""What VIES brings: the registry loads this module."""

from core.plugin.capabilities import Plugin, VatRegister
from core.plugin.registry import manifest_of
from plugins.vies.demo import SANDBOX
from plugins.vies.models import ViesConsultation
from plugins.vies.register import check

plugin = Plugin(
    manifest=manifest_of(__file__),
    brings=(VatRegister(check),),
    models=(ViesConsultation,),
    sandbox=SANDBOX,
)
