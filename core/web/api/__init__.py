"""The REST API at `/api/v1`: relations, sales invoices and orders of a tenant.

A module per resource, thin views over `core.services`. What every operation shares
(token, scope, transaction, idempotency, documentation) stands in `resource`; errors are
`problems`; the document and its page are `document`.
"""

from flask import Flask

from core.web.api import (
    contacts,
    couplings,
    document,
    duplicates,
    invoices,
    orders,
    reference,
    relations,
)


def register(app: Flask) -> None:
    """Add the API and its document to the application."""
    modules = (reference, couplings, relations, contacts, duplicates, invoices, orders)
    document.register(app, modules)
