"""The connection's own settings: which orders may be passed on."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.fields import SelectChoice

from core.plugin.form_fields import AtLeastOne, Checkboxes
from plugins.kmoshops.checks import ADJUSTABLE_PAYMENTS, FULFILMENT_STATUSES

STATUS_LABELS = {
    "AWAITING_PAYMENT": _l("Wacht op betaling"),
    "PAID": _l("Betaald"),
    "PARTIALLY_REFUNDED": _l("Deels terugbetaald"),
    "INCOMPLETE": _l("Niet afgerond"),
    "CUSTOM_PAYMENT_STATUS_1": _l("Eigen betaalstatus 1"),
    "CUSTOM_PAYMENT_STATUS_2": _l("Eigen betaalstatus 2"),
    "CUSTOM_PAYMENT_STATUS_3": _l("Eigen betaalstatus 3"),
    "AWAITING_PROCESSING": _l("Wacht op verwerking"),
    "PROCESSING": _l("In behandeling"),
    "SHIPPED": _l("Verzonden"),
    "DELIVERED": _l("Bezorgd"),
    "WILL_NOT_DELIVER": _l("Wordt niet geleverd"),
    "RETURNED": _l("Geretourneerd"),
    "READY_FOR_PICKUP": _l("Klaar om af te halen"),
    "OUT_FOR_DELIVERY": _l("Onderweg"),
    "CUSTOM_FULFILLMENT_STATUS_1": _l("Eigen leverstatus 1"),
    "CUSTOM_FULFILLMENT_STATUS_2": _l("Eigen leverstatus 2"),
    "CUSTOM_FULFILLMENT_STATUS_3": _l("Eigen leverstatus 3"),
}


class ConnectionForm(FlaskForm):  # type: ignore[misc]
    """Status rules; field names are the settings' keys."""

    payment_statuses = Checkboxes(
        _l("Betaalstatus waarbij een bestelling door mag"),
        choices=[
            SelectChoice(status, STATUS_LABELS[status])
            for status in ADJUSTABLE_PAYMENTS
        ],
        default=["PAID"],
        validators=[AtLeastOne(_l("Kies minstens één betaalstatus."))],
        description=_l("Geannuleerde en terugbetaalde bestellingen gaan nooit door."),
    )
    fulfilment_statuses = Checkboxes(
        _l("Leverstatus waarbij een bestelling door mag"),
        choices=[
            SelectChoice(status, STATUS_LABELS[status])
            for status in FULFILMENT_STATUSES
        ],
        default=list(FULFILMENT_STATUSES),
        validators=[AtLeastOne(_l("Kies minstens één leverstatus."))],
    )

    def to_settings(self) -> dict[str, Any]:
        """Return the connection's settings as they are stored."""
        return {
            "payment_statuses": list(self.payment_statuses.data or ()),
            "fulfilment_statuses": list(self.fulfilment_statuses.data or ()),
        }
