"""What a client has to know first: who it is, its shops, the VAT codes."""

from typing import Any

from marshmallow import fields
from sqlalchemy import select

from core.models import TenantVatCode, VatKind
from core.runtime.database import session
from core.services.api import api_shops
from core.web.api import gate
from core.web.api.fields import Amount, Choice, Id, Strict
from core.web.api.resource import Resource

resource = Resource("reference", "Who the token is of, its shops and its VAT codes.")


class Shop(Strict):
    """A shop whose orders come in by the API."""

    id = Id(required=True)
    name = fields.String(required=True)


class Me(Strict):
    """Whose token it is and what it may do."""

    tenant = fields.String(required=True)
    token = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    shops = fields.List(fields.Nested(Shop), required=True)


class VatCode(Strict):
    """A VAT code that invoice lines may carry."""

    code = fields.String(required=True)
    label = fields.String(required=True)
    kind = Choice(list(VatKind), required=True)
    country = fields.String(required=True)
    rate = Amount(3, 3, required=True, metadata={"description": "In percent"})


class VatCodes(Strict):
    """All of them."""

    items = fields.List(fields.Nested(VatCode), required=True)


@resource.operation("GET", "/me", scope=gate.ANY, answer=Me)
def me() -> dict[str, Any]:
    """Who am I

    Whose token this is, what it may do, and which shops take orders.
    """
    holder = gate.current()
    shops = [{"id": shop.id, "name": shop.external_name} for shop in api_shops.listed()]
    return {
        "tenant": holder.tenant_name,
        "token": holder.name,
        "scopes": sorted(holder.scopes),
        "shops": shops,
    }


@resource.operation("GET", "/vat-codes", scope="invoices:read", answer=VatCodes)
def vat_codes() -> dict[str, Any]:
    """List the VAT codes

    Those of the tenant that invoice lines may carry now.
    """
    rows = session().scalars(
        select(TenantVatCode)
        .where(TenantVatCode.active)
        .order_by(TenantVatCode.country, TenantVatCode.code)
    )
    return {"items": list(rows)}
