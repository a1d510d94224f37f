"""What e-Boekhouden.nl brings: the registry loads this module."""

from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import (
    Invoices,
    Orders,
    Pages,
    Plugin,
    Purchases,
    ReferenceData,
    Relations,
    Section,
)
from core.plugin.registry import manifest_of
from plugins.eboekhouden import checks, configuration, reference, views
from plugins.eboekhouden.connector import EBoekhoudenConnector
from plugins.eboekhouden.demo import SANDBOX
from plugins.eboekhouden.forms import (
    CouplingForm,
    InvoiceForm,
    PurchaseForm,
    RelationForm,
)
from plugins.eboekhouden.invoices import settlements
from plugins.eboekhouden.invoices.needs import needs_of
from plugins.eboekhouden.invoices.sender import open_invoices
from plugins.eboekhouden.mapping import SALES_ENTRY
from plugins.eboekhouden.models import (
    EBoekhoudenCalls,
    EBoekhoudenDebtorNumber,
    EBoekhoudenPaymentMapping,
    EBoekhoudenRecord,
    EBoekhoudenVatMapping,
)
from plugins.eboekhouden.orders import reconcile
from plugins.eboekhouden.orders.foreseeing import foresee
from plugins.eboekhouden.orders.sender import open_orders
from plugins.eboekhouden.purchases.sender import open_purchases
from plugins.eboekhouden.relations.package import open_relations
from plugins.eboekhouden.settings import Settings
from plugins.eboekhouden.texts import (
    DOCUMENTS,
    HOW_TO_FIND,
    INVOICE_NOTICE,
    PURCHASE_NOTICE,
    RELATION_NOTICE,
    TEXTS,
)

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(
        ReferenceData(load=reference.load, refresh=reference.refresh),
        Orders(
            sender=open_orders,
            form=CouplingForm,
            vat_mapping=EBoekhoudenVatMapping,
            payment_mapping=EBoekhoudenPaymentMapping,
            choices=configuration.choices,
            problems=configuration.problems,
            documents=DOCUMENTS,
            how_to_find=HOW_TO_FIND,
            payments_notice=views.payments_notice,
            credits=(SALES_ENTRY,),
            settles=(SALES_ENTRY,),
            foresee=foresee,
            reconcile=reconcile.documents,
            reconcile_calls=reconcile.calls,
        ),
        Relations(
            open=open_relations,
            form=RelationForm,
            notice=RELATION_NOTICE,
            # Every run costs calls of a limited number a month.
            follows_changes=False,
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
            notice=INVOICE_NOTICE,
        ),
        Purchases(
            sender=open_purchases,
            form=PurchaseForm,
            choices=configuration.purchase_choices,
            categories=checks.ENTERED,
            documents=DOCUMENTS,
            how_to_find=HOW_TO_FIND,
            notice=PURCHASE_NOTICE,
        ),
        Pages(
            blueprint=views.blueprint,
            sections=(
                Section(
                    name="calls",
                    title=_l("Verzoeken aan e-Boekhouden.nl"),
                    template="eboekhouden/calls.html",
                    context=views.calls,
                ),
            ),
            run_cost=views.run_cost,
        ),
    ),
    connector=EBoekhoudenConnector(),
    models=(
        EBoekhoudenRecord,
        EBoekhoudenCalls,
        EBoekhoudenDebtorNumber,
        EBoekhoudenVatMapping,
        EBoekhoudenPaymentMapping,
    ),
    texts=TEXTS,
    sandbox=SANDBOX,
)
