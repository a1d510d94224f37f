"""What Visma eAccounting brings: the registry loads this module."""

from core.domain.structured_invoices import VatCategory
from core.plugin.capabilities import (
    Invoices,
    Orders,
    Plugin,
    Purchases,
    ReferenceData,
    Relations,
)
from core.plugin.registry import manifest_of
from plugins.eaccounting import configuration, reference
from plugins.eaccounting.connector import EAccountingConnector
from plugins.eaccounting.demo import SANDBOX
from plugins.eaccounting.forms import (
    CouplingForm,
    InvoiceForm,
    PurchaseForm,
    RelationsForm,
)
from plugins.eaccounting.invoices import settlements
from plugins.eaccounting.invoices.needs import needs_of
from plugins.eaccounting.invoices.sender import open_invoices
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.models import (
    EAccountingPaymentMapping,
    EAccountingRecord,
    EAccountingVatMapping,
)
from plugins.eaccounting.orders import reconcile
from plugins.eaccounting.orders.foreseeing import foresee
from plugins.eaccounting.orders.rehearsal import Rehearsal
from plugins.eaccounting.orders.sender import open_orders
from plugins.eaccounting.purchases.sender import open_purchases
from plugins.eaccounting.relations.package import open_relations, retire
from plugins.eaccounting.settings import Settings
from plugins.eaccounting.texts import (
    DOCUMENTS,
    HOW_TO_FIND,
    PURCHASE_NOTICE,
    TEXTS,
)

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(
        ReferenceData(load=reference.load),
        Orders(
            sender=open_orders,
            form=CouplingForm,
            vat_mapping=EAccountingVatMapping,
            payment_mapping=EAccountingPaymentMapping,
            choices=configuration.choices,
            problems=configuration.problems,
            documents=DOCUMENTS,
            how_to_find=HOW_TO_FIND,
            payments_notice=configuration.payments_notice,
            credits=(TargetKind.SALES_ENTRY, TargetKind.DRAFT_INVOICE),
            settles=(TargetKind.SALES_ENTRY,),
            rehearse=Rehearsal,
            foresee=foresee,
            reconcile=reconcile.documents,
            reconcile_calls=reconcile.calls,
        ),
        Relations(
            open=open_relations,
            form=RelationsForm,
            choices=configuration.choices,
            retire=retire,
        ),
        Invoices(
            sender=open_invoices,
            form=InvoiceForm,
            choices=configuration.choices,
            problems=configuration.invoice_problems,
            needs=needs_of,
            documents=DOCUMENTS,
            how_to_find=HOW_TO_FIND,
            settlements=settlements.read,
        ),
        Purchases(
            sender=open_purchases,
            form=PurchaseForm,
            choices=configuration.purchase_choices,
            categories=tuple(VatCategory),
            documents=DOCUMENTS,
            how_to_find=HOW_TO_FIND,
            notice=PURCHASE_NOTICE,
        ),
    ),
    connector=EAccountingConnector(),
    models=(EAccountingRecord, EAccountingVatMapping, EAccountingPaymentMapping),
    texts=TEXTS,
    sandbox=SANDBOX,
)
