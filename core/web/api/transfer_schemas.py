"""What became of a document in a package, as the API writes it."""

from typing import Any

from flask_babel import force_locale
from marshmallow import fields

from core.models import Transfer, TransferState
from core.texts import explain
from core.web.api.fields import Choice, Id, Moment, Strict
from core.web.api.problems import language


class TransferOut(Strict):
    """A document on its way to one package."""

    id = Id(required=True)
    state = Choice(list(TransferState), required=True)
    document = fields.String(
        required=True, metadata={"description": "What it became: sales_entry, order"}
    )
    code = fields.String(
        required=True, metadata={"description": "Why it stands where it does"}
    )
    text = fields.String(
        required=True, metadata={"description": "The code in the reader's words"}
    )
    external_number = fields.String(required=True)
    external_url = fields.String(required=True)
    booked_at = Moment(required=True, allow_none=True)


def shown(row: Transfer) -> dict[str, Any]:
    """Return a transfer as it is answered."""
    with force_locale(language()):
        params = {"number": row.number, **row.params}
        text = explain(row.code, params).what if row.code else ""
    return {
        "id": row.id,
        "state": str(row.state),
        "document": row.document,
        "code": row.code,
        "text": text,
        "external_number": row.external_number,
        "external_url": row.external_url,
        "booked_at": row.booked_at,
    }
