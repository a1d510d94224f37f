"""Lists: `$filter`, `$orderby`, `$select`, `$page`, `$pagesize` and the envelope.

Each resource has its own set of properties that can be filtered and sorted on; the
vendor publishes no list, so the sets here hold what clients are known to use. The
settings `also_filterable` and `not_filterable` (names, or `resource.Name`) change
them. An unknown option that starts with `$` is refused; other options are ignored.
"""

from typing import Any

from flask import Response, request

from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox.fields import Shape
from plugins.eaccounting.sandbox.filters import Test, compiled, kinds_of, refuse
from plugins.eaccounting.sandbox.world import utc_text, world

_OPTIONS = ("$filter", "$orderby", "$select", "$page", "$pagesize")
_LARGEST = 1000

FILTERABLE: dict[str, frozenset[str]] = {
    "customers": frozenset(
        ("Id", "CustomerNumber", "Name", "IsActive", "IsPrivatePerson",
         "ChangedUtc", "CorporateIdentityNumber", "InvoiceCity")
    ),
    "suppliers": frozenset(
        ("Id", "SupplierNumber", "Name", "IsActive", "ModifiedUtc", "CreatedUtc")
    ),
    "supplierinvoicedrafts": frozenset(
        ("Id", "SupplierId", "InvoiceNumber", "InvoiceDate", "CreatedUtc",
         "ModifiedUtc")
    ),
    "supplierinvoices": frozenset(
        ("Id", "SupplierId", "InvoiceNumber", "InvoiceDate", "CreatedUtc",
         "ModifiedUtc")
    ),
    "articles": frozenset(
        ("Id", "Number", "Name", "IsActive", "ChangedUtc", "CreatedUtc", "CodingId")
    ),
    "customerinvoicedrafts": frozenset(
        ("Id", "CustomerId", "CustomerNumber", "YourReference", "InvoiceDate",
         "CreatedUtc")
    ),
    "orders": frozenset(
        ("Id", "CustomerId", "CustomerNumber", "Number", "YourReference", "OrderDate",
         "Status", "ModifiedUtc", "CreatedUtc")
    ),
    "customerledgeritems": frozenset(
        ("Id", "CustomerId", "InvoiceNumber", "InvoiceDate", "DueDate",
         "PaymentReferenceNumber", "RemainingAmountInvoiceCurrency",
         "IsCreditInvoice", "ModifiedUtc", "VoucherId")
    ),
    "vouchers": frozenset(
        ("Id", "VoucherDate", "VoucherType", "NumberAndNumberSeries", "ModifiedUtc",
         "CreatedUtc", "VoucherText")
    ),
    "accounts": frozenset(
        ("Number", "Name", "IsActive", "FiscalYearId", "VatCodeId", "ModifiedUtc")
    ),
    "vatcodes": frozenset(("Id", "Code", "VatRate", "OssCodeType")),
}  # fmt: skip


def _filterable(resource: str) -> frozenset[str]:
    settings = world().settings
    names = set(FILTERABLE.get(resource, ()))
    for entry in settings["also_filterable"]:
        owner, _, name = entry.rpartition(".")
        if owner in ("", resource):
            names.add(name)
    for entry in settings["not_filterable"]:
        owner, _, name = entry.rpartition(".")
        if owner in ("", resource):
            names.discard(name)
    return frozenset(names)


def _number(option: str, default: int, largest: int | None = None) -> int:
    text = request.args.get(option, str(default))
    if not text.isdigit() or int(text) < 1 or int(text) > (largest or int(text)):
        raise refuse(
            f"{option} must be a number from 1 to {largest or 'the last page'}"
        )
    return int(text)


def _test(resource: str, shape: Shape) -> Test | None:
    text = request.args.get("$filter", "").strip()
    if not text:
        return None
    names = frozenset(n for n in _filterable(resource) if n in shape.fields)
    return compiled(text, kinds_of(shape, names))


def _sorted(items: list[dict[str, Any]], resource: str) -> list[dict[str, Any]]:
    allowed = _filterable(resource)
    clauses = [c.split() for c in request.args.get("$orderby", "").split(",") if c]
    for clause in reversed(clauses):
        name, *way = clause
        if name not in allowed or way not in ([], ["asc"], ["desc"]):
            raise refuse(f"cannot order by {' '.join(clause)}")
        items = sorted(
            items,
            key=lambda item: (item[name] is not None, item[name] or 0)
            if not isinstance(item[name], str) else (True, item[name]),
            reverse=way == ["desc"],
        )  # fmt: skip
    return items


def _selected(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [n.strip() for n in request.args.get("$select", "").split(",") if n.strip()]
    if not names:
        return items
    return [{n: item[n] for n in names if n in item} for item in items]


def listing(items: list[dict[str, Any]], resource: str, shape: Shape) -> Response:
    """Answer one page of the items that pass the request's filter."""
    for option in request.args:
        if option.startswith("$") and option not in _OPTIONS:
            raise refuse(f"unknown option {option}")
    page = _number("$page", 1)
    size = _number("$pagesize", 50, _LARGEST)
    test = _test(resource, shape)
    found = _sorted([item for item in items if test is None or test(item)], resource)
    start = (page - 1) * size
    meta = {
        "CurrentPage": page,
        "PageSize": size,
        "TotalNumberOfPages": -(-len(found) // size),
        "TotalNumberOfResults": len(found),
        "ServerTimeUtc": utc_text(),
    }
    return json_response({"Meta": meta, "Data": _selected(found[start : start + size])})
