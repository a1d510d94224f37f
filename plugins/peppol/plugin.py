"""What Peppol brings: the registry loads this module."""

from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import (
    InvoicePanel,
    OwnWork,
    Pages,
    Plugin,
    PurchaseSource,
    Retention,
    Section,
    Tab,
)
from core.plugin.registry import manifest_of
from plugins.peppol import hooks
from plugins.peppol.connector import PeppolConnector
from plugins.peppol.demo import SANDBOX
from plugins.peppol.evidence import retention
from plugins.peppol.forms import SendingForm
from plugins.peppol.models import (
    PeppolEvidence,
    PeppolReceived,
    PeppolRules,
    PeppolSending,
)
from plugins.peppol.receiving import purchases
from plugins.peppol.sending import overview, queue
from plugins.peppol.settings import Settings
from plugins.peppol.tasks import KINDS, TASKS
from plugins.peppol.texts import TEXTS
from plugins.peppol.views import blueprint, panel

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(
        Pages(
            blueprint=blueprint,
            sections=(Section("sending", _l("Versturen"), form=SendingForm),),
            tab=Tab("peppol.index", _l("E-facturen")),
            usage=overview.usage,
        ),
        InvoicePanel("peppol/panel.html", panel, queue.may_send),
        OwnWork(kinds=KINDS),
        PurchaseSource(
            load=purchases.load, entered=purchases.entered, address=purchases.address
        ),
        Retention(
            kept=retention.KEPT,
            forget=retention.forget,
            stays=retention.STAYS,
            of_customer=retention.of_customer,
        ),
    ),
    connector=PeppolConnector(),
    models=(PeppolRules, PeppolSending, PeppolEvidence, PeppolReceived),
    tasks=TASKS,
    hooks=hooks,
    texts=TEXTS,
    sandbox=SANDBOX,
)
