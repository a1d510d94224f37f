"""A strict simulator of Visma eAccounting: identity server and API v2.

`create_app` is the entry; `python -m plugins.eaccounting.sandbox` is not needed, the
project's own command serves it. What it accepts and refuses follows the vendor's
OpenAPI document of 2026-02-17; where that is silent, it is stricter than may be
needed, never friendlier. Modules say which choices are the sandbox's own.
"""

from pathlib import Path

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from core.kit.sandbox import create_sandbox
from core.kit.sandbox.app import json_response
from plugins.eaccounting.sandbox import (
    articles,
    attachments,
    customers,
    drafts,
    ledger,
    orders,
    payments,
    purchases,
    reference,
    suppliers,
    vouchers,
)
from plugins.eaccounting.sandbox.access import api
from plugins.eaccounting.sandbox.control import build, control
from plugins.eaccounting.sandbox.errors import NOT_FOUND, ApiError
from plugins.eaccounting.sandbox.oauth import oauth
from plugins.eaccounting.sandbox.world import Keeper

RESOURCES = (
    articles, attachments, customers, drafts, ledger, orders, payments, purchases,
    reference, suppliers, vouchers,
)  # fmt: skip


def create_app(database: Path | str) -> Flask:
    """Return the sandbox, with its state in this SQLite file."""
    app = create_sandbox("eaccounting", database)
    app.extensions["eaccounting"] = Keeper(build)
    for blueprint in (api, oauth, control):
        app.register_blueprint(blueprint)
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(404, _nothing_here)
    return app


def _refuse(error: ApiError) -> Response:
    return json_response(error.body(), error.status, error.headers)


def _nothing_here(error: HTTPException) -> Response:
    text = error.description or "Not found"
    return json_response(ApiError(NOT_FOUND, text).body(), 404)
