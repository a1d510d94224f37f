"""What DigitaleFactuur brings: the registry loads this module."""

from core.plugin.capabilities import Invoices, Plugin, ReferenceData, Relations
from core.plugin.registry import manifest_of
from plugins.digitalefactuur.connector import DigitaleFactuurConnector
from plugins.digitalefactuur.demo import SANDBOX
from plugins.digitalefactuur.forms import InvoiceForm, RelationForm
from plugins.digitalefactuur.invoices import settlements
from plugins.digitalefactuur.invoices.needs import needs_of
from plugins.digitalefactuur.invoices.sender import open_invoices
from plugins.digitalefactuur.relations.package import count_relations, open_relations
from plugins.digitalefactuur.settings import Settings
from plugins.digitalefactuur.texts import DOCUMENTS, HOW_TO_FIND, INVOICE_NOTICE, TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(
        ReferenceData(load=count_relations),
        Relations(open=open_relations, form=RelationForm),
        Invoices(
            sender=open_invoices,
            form=InvoiceForm,
            needs=needs_of,
            documents=DOCUMENTS,
            how_to_find=HOW_TO_FIND,
            maps_vat=False,
            settlements=settlements.of_connection,
            notice=INVOICE_NOTICE,
        ),
    ),
    connector=DigitaleFactuurConnector(),
    texts=TEXTS,
    sandbox=SANDBOX,
)
