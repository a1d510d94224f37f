"""e-Boekhouden.nl: orders become sales entries; relations map both ways."""

from core.plugin import OrderTarget, Plugin
from core.registry import manifest_of
from plugins.eboekhouden import configuration, hooks, reference, tasks
from plugins.eboekhouden.connector import EBoekhoudenConnector
from plugins.eboekhouden.demo import SANDBOX
from plugins.eboekhouden.forms import CouplingForm
from plugins.eboekhouden.models import (
    EBoekhoudenCalls,
    EBoekhoudenDebtorNumber,
    EBoekhoudenPaymentMapping,
    EBoekhoudenRecord,
    EBoekhoudenVatMapping,
)
from plugins.eboekhouden.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
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
    senders={"order": tasks.order_sender},
    texts=TEXTS,
    sandbox=SANDBOX,
    reconcile=tasks.documents,
)
