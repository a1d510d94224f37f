"""What e-Boekhouden.nl brings: the registry loads this module."""

from flask_babel import lazy_gettext as _l

from core.plugin.capabilities import (
    InvoiceTarget,
    OrderTarget,
    Plugin,
    RelationTarget,
    Section,
)
from core.plugin.registry import manifest_of
from plugins.eboekhouden import (
    configuration,
    hooks,
    reference,
    relations,
    settlements,
    tasks,
    views,
)
from plugins.eboekhouden.connector import EBoekhoudenConnector
from plugins.eboekhouden.demo import SANDBOX
from plugins.eboekhouden.forms import CouplingForm, InvoiceForm, RelationForm
from plugins.eboekhouden.models import (
    EBoekhoudenCalls,
    EBoekhoudenDebtorNumber,
    EBoekhoudenPaymentMapping,
    EBoekhoudenRecord,
    EBoekhoudenVatMapping,
)
from plugins.eboekhouden.settings import Settings
from plugins.eboekhouden.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    hooks=hooks,
    tasks={"load_reference": tasks.load_reference},
    models=(
        EBoekhoudenRecord,
        EBoekhoudenCalls,
        EBoekhoudenDebtorNumber,
        EBoekhoudenVatMapping,
        EBoekhoudenPaymentMapping,
    ),
    connector=EBoekhoudenConnector(),
    order_target=OrderTarget(
        coupling_form=CouplingForm,
        vat_mapping=EBoekhoudenVatMapping,
        payment_mapping=EBoekhoudenPaymentMapping,
        choices=configuration.choices,
        problems=configuration.problems,
        load_reference=reference.load_all,
    ),
    relation_target=RelationTarget(
        open=relations.opened,
        form=RelationForm,
        notice=_l(
            "e-Boekhouden.nl zegt niet of een relatie klant of leverancier is. U kiest"
            " daarom zelf welke relaties binnenkomen. Contactpersonen gaan niet mee."
        ),
    ),
    invoice_target=InvoiceTarget(
        form=InvoiceForm,
        choices=configuration.choices,
        problems=configuration.invoice_problems,
        load_reference=reference.load_all,
        settlements=settlements.read,
        notice=_l(
            "e-Boekhouden.nl heeft geen koppeling waarmee de factuur als bestand aan de"
            " boeking kan worden gehangen. Wij kunnen haar wel naar uw digitaal archief"
            " mailen: vul daarvoor het adres van het archief in."
        ),
    ),
    senders={"order": tasks.order_sender, "invoice": tasks.invoice_sender},
    sections=(
        Section(
            name="calls",
            title=_l("Verzoeken aan e-Boekhouden.nl"),
            template="eboekhouden/calls.html",
            context=views.calls,
        ),
    ),
    blueprint=views.blueprint,
    run_cost=views.run_cost,
    texts=TEXTS,
    sandbox=SANDBOX,
    reconcile=tasks.documents,
)
