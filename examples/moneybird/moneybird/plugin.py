"""What Moneybird brings: the registry loads this module."""

from core.plugin.capabilities import Orders, Plugin, ReferenceData
from core.plugin.registry import manifest_of
from moneybird import configuration, reference
from moneybird.connector import MoneybirdConnector
from moneybird.demo import SANDBOX
from moneybird.forms import CouplingForm
from moneybird.models import (
    MoneybirdPaymentMapping,
    MoneybirdRecord,
    MoneybirdVatMapping,
)
from moneybird.orders.sender import open_orders
from moneybird.settings import Settings
from moneybird.texts import DOCUMENTS, HOW_TO_FIND, TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(
        ReferenceData(load=reference.load),
        Orders(
            sender=open_orders,
            form=CouplingForm,
            vat_mapping=MoneybirdVatMapping,
            payment_mapping=MoneybirdPaymentMapping,
            choices=configuration.choices,
            problems=configuration.problems,
            documents=DOCUMENTS,
            how_to_find=HOW_TO_FIND,
        ),
    ),
    connector=MoneybirdConnector(),
    models=(MoneybirdRecord, MoneybirdVatMapping, MoneybirdPaymentMapping),
    texts=TEXTS,
    sandbox=SANDBOX,
)
