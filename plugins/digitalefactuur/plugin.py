"""What DigitaleFactuur brings: the registry loads this module."""

from core.plugin.capabilities import Invoices, Plugin, ReferenceData, Relations
from core.plugin.registry import manifest_of
from plugins.digitalefactuur import reference as tasks
from plugins.digitalefactuur.connector import DigitaleFactuurConnector
from plugins.digitalefactuur.demo import SANDBOX
from plugins.digitalefactuur.forms import InvoiceForm, RelationForm
from plugins.digitalefactuur.texts import DOCUMENTS, INVOICE_NOTICE, TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    brings=(
        ReferenceData(load=tasks.count_relations),
        Relations(open=tasks.open_relations, form=RelationForm),
        Invoices(
            sender=tasks.invoice_sender,
            form=InvoiceForm,
            documents=DOCUMENTS,
            maps_vat=False,
            settlements=tasks.settlements,
            notice=INVOICE_NOTICE,
        ),
    ),
    connector=DigitaleFactuurConnector(),
    texts=TEXTS,
    sandbox=SANDBOX,
)
