"""What Peppol brings: the registry loads this module."""

from core.plugin.capabilities import InvoicePanel, Pages, Plugin
from core.plugin.registry import manifest_of
from plugins.peppol.models import PeppolRules
from plugins.peppol.texts import TEXTS
from plugins.peppol.views import blueprint, panel

plugin = Plugin(
    manifest=manifest_of(__file__),
    brings=(
        Pages(blueprint=blueprint),
        InvoicePanel("peppol/panel.html", panel),
    ),
    models=(PeppolRules,),
    texts=TEXTS,
)
