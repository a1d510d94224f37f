"""Products: producten, product_aanmaken, product_updaten, product_verwijderen."""

from decimal import Decimal
from typing import Any

from core.kit.sandbox.app import sandbox
from plugins.digitalefactuur.sandbox.documents import (
    Record,
    decimal,
    flat,
    posted,
    required,
)
from plugins.digitalefactuur.sandbox.errors import EXISTS, NOT_FOUND, Refusal, invalid

TAGS = ("id", "naam", "nummer", "omschrijving", "prijs", "btw")
HIGHEST_VAT = Decimal(30)
FIRST_ID = 2886


def every() -> list[Record]:
    """All products."""
    return sandbox().store.list("product")


def create(xml: str | None) -> Record:
    """Add a product."""
    fields = _checked(posted(xml, "product"), "")
    key = str(sandbox().store.next_number("product", FIRST_ID))
    return _keep({**dict.fromkeys(TAGS, ""), **fields, "id": key})


def update(xml: str | None) -> Record:
    """Replace a product."""
    root = posted(xml, "product")
    key = root.findtext("id", "")
    _find(key)
    return _keep({**dict.fromkeys(TAGS, ""), **_checked(root, key)})


def delete(key: str) -> None:
    """Remove a product."""
    _find(key)
    sandbox().store.delete("product", key)
    sandbox().store.record("product_verwijderd", key, {"id": key})


def _checked(element: Any, own_id: str) -> dict[str, str]:
    fields = flat(element, TAGS)
    required(fields, "naam", "prijs", "btw")
    fields["prijs"] = f"{decimal(fields, 'prijs', 2):.2f}"
    rate = decimal(fields, "btw", 1)
    if rate != 0 and not 1 < rate <= HIGHEST_VAT:
        raise invalid("btw", "geef een percentage, bijvoorbeeld 21")
    for known in every():
        if known["nummer"] == fields.get("nummer") != "" and known["id"] != own_id:
            raise Refusal(EXISTS, f"Productnummer {known['nummer']} bestaat al")
    return fields


def _find(key: str) -> Record:
    found = sandbox().store.get("product", key)
    if found is None:
        raise Refusal(NOT_FOUND, f"Product {key} bestaat niet")
    return found


def _keep(record: Record) -> Record:
    sandbox().store.put("product", record["id"], record)
    sandbox().store.record("product", record["id"], record)
    return record
