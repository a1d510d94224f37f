"""What Visma eAccounting brings: the registry loads this module."""

from core.plugin.capabilities import Invoices, Orders, Plugin, ReferenceData, Relations
from core.plugin.registry import manifest_of
from plugins.eaccounting import configuration, reference, settlements, tasks
from plugins.eaccounting.connector import EAccountingConnector
from plugins.eaccounting.demo import SANDBOX
from plugins.eaccounting.forms import CouplingForm, InvoiceForm, RelationsForm
from plugins.eaccounting.models import (
    EAccountingPaymentMapping,
    EAccountingRecord,
    EAccountingVatMapping,
)
from plugins.eaccounting.rehearsal import Rehearsal
from plugins.eaccounting.texts import DOCUMENTS, TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    brings=(
        ReferenceData(load=reference.load_all),
        Orders(
            sender=tasks.order_sender,
            form=CouplingForm,
            vat_mapping=EAccountingVatMapping,
            payment_mapping=EAccountingPaymentMapping,
            choices=configuration.choices,
            problems=configuration.problems,
            documents=DOCUMENTS,
            rehearse=Rehearsal,
            reconcile=tasks.documents,
        ),
        Relations(
            open=tasks.relation_package,
            form=RelationsForm,
            choices=configuration.choices,
        ),
        Invoices(
            sender=tasks.invoice_sender,
            form=InvoiceForm,
            choices=configuration.choices,
            problems=configuration.invoice_problems,
            documents=DOCUMENTS,
            settlements=settlements.read,
        ),
    ),
    connector=EAccountingConnector(),
    models=(EAccountingRecord, EAccountingVatMapping, EAccountingPaymentMapping),
    texts=TEXTS,
    sandbox=SANDBOX,
)
