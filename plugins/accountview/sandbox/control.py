"""The sandbox's own control address, beside the kit's: `/_control/...`.

POST options {pace?, access_token_seconds?}  seconds between statuses of AutoReport, and
                                             how long a token of the Web API is good
POST grant {company?}                        tokens of the Web API without login pages
POST revoke                                  end all grants of the Web API
POST transactions {company, rows}            add ledger transactions
POST services {name: value}                  what the wizard's checks find
POST confirm {email}                         the administrator follows his mail

Faults of its own, through the kit's `faults`: `scenario` (see `autoreport.py`),
`api_error` (type, message).
"""

from flask import Response

from core.kit.sandbox.app import (
    control_of,
    json_response,
    request_body,
    sandbox,
    take_options,
)
from plugins.accountview.sandbox import seed, services, tokens

control = control_of("accountview")
OPTIONS = ("pace", "access_token_seconds")


@control.post("/options")
def options() -> Response:
    """Set options until the next reset."""
    return take_options(*OPTIONS)


@control.post("/grant")
def grant() -> Response:
    """Give tokens without the login pages."""
    made = tokens.new_grant(tokens.CLIENT_ID, tokens.USER, tokens.SCOPES[0])
    return json_response(tokens.answer(made))


@control.post("/revoke")
def revoke() -> Response:
    """End all grants of the Web API."""
    for one in sandbox().store.list("grant"):
        sandbox().store.put("grant", one["id"], {**one, "revoked": True})
    return json_response({})


@control.post("/transactions")
def transactions() -> Response:
    """Add ledger transactions to a company."""
    body = request_body()
    for row in body["rows"]:
        seed.add_transaction(body["company"], row)
    return json_response({})


@control.post("/services")
def outside() -> Response:
    """Change what the wizard's checks find."""
    return json_response(services.change(request_body()))


@control.post("/confirm")
def confirm() -> Response:
    """Do as the administrator who follows his mail."""
    services.confirm(request_body()["email"])
    return json_response({})
