"""What DigitaleFactuur brings: the registry loads this module."""

from core.plugin.capabilities import InvoiceTarget, Plugin, RelationTarget
from core.plugin.registry import manifest_of
from plugins.digitalefactuur import hooks, tasks
from plugins.digitalefactuur.configuration import choices, load_reference, problems
from plugins.digitalefactuur.connector import DigitaleFactuurConnector
from plugins.digitalefactuur.demo import SANDBOX
from plugins.digitalefactuur.forms import INVOICE_NOTICE, InvoiceForm, RelationForm
from plugins.digitalefactuur.settings import Settings
from plugins.digitalefactuur.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    hooks=hooks,
    tasks={"count_relations": tasks.count_relations},
    connector=DigitaleFactuurConnector(),
    relation_target=RelationTarget(tasks.open_relations, RelationForm),
    invoice_target=InvoiceTarget(
        form=InvoiceForm,
        choices=choices,
        problems=problems,
        load_reference=load_reference,
        maps_vat=False,
        settlements=tasks.settlements,
        notice=INVOICE_NOTICE,
    ),
    senders={"invoice": tasks.invoice_sender},
    texts=TEXTS,
    sandbox=SANDBOX,
)
