"""What Visma eAccounting brings: the registry loads this module."""

from core.plugin.capabilities import InvoiceTarget, OrderTarget, Plugin, RelationTarget
from core.plugin.registry import manifest_of
from plugins.eaccounting import configuration, hooks, reference, settlements, tasks
from plugins.eaccounting.connector import EAccountingConnector
from plugins.eaccounting.demo import SANDBOX
from plugins.eaccounting.forms import CouplingForm, InvoiceForm, RelationsForm
from plugins.eaccounting.models import (
    EAccountingPaymentMapping,
    EAccountingRecord,
    EAccountingVatMapping,
)
from plugins.eaccounting.rehearsal import Rehearsal
from plugins.eaccounting.settings import Settings
from plugins.eaccounting.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    hooks=hooks,
    tasks={"load_reference": tasks.load_reference},
    models=(EAccountingRecord, EAccountingVatMapping, EAccountingPaymentMapping),
    connector=EAccountingConnector(),
    order_target=OrderTarget(
        coupling_form=CouplingForm,
        vat_mapping=EAccountingVatMapping,
        payment_mapping=EAccountingPaymentMapping,
        choices=configuration.choices,
        problems=configuration.problems,
        load_reference=reference.load_all,
        rehearse=Rehearsal,
    ),
    relation_target=RelationTarget(
        open=tasks.relation_package,
        form=RelationsForm,
        choices=configuration.choices,
    ),
    invoice_target=InvoiceTarget(
        form=InvoiceForm,
        choices=configuration.choices,
        problems=configuration.invoice_problems,
        load_reference=reference.load_all,
        settlements=settlements.read,
    ),
    senders={"order": tasks.order_sender, "invoice": tasks.invoice_sender},
    texts=TEXTS,
    sandbox=SANDBOX,
    reconcile=tasks.documents,
)
