"""The sandbox's own control address, beside the kit's: `/_control/...`.

POST settings {calls_per_month?, session_seconds?}    answers all settings
POST administration {key?, blocked?, locked_to?, code1?}   `locked_to`: last closed day
POST accounts {key?, code, category, name}            add or change a ledger account
POST grant {key?}         the codes of an administration, as its website shows them
POST expire {}            end every session, as if its time had come
POST pay {key?, invoice, amount?, entry?}   settle an open item, whole without an
                          amount; by an entry of a payment (`bank`) or a journal entry
                          (`memoriaal`); without `entry` nothing shows how
POST fill {key?, count}   make so many old entries, for paging

`key` is `demo` (default) or `tweede`. Own fault kinds: `shift_cent` (an entry is booked
a cent too high), `replace` (in an answer over SOAP `old` becomes `new`, or the bytes
`hex`). General faults reach an operation by its name as `path`.
"""

from decimal import Decimal

from flask import Response

from core.kit.sandbox.app import control_of, json_response, request_body, sandbox
from plugins.eboekhouden.sandbox import books
from plugins.eboekhouden.sandbox.books import Body

control = control_of("eboekhouden")


def _key(body: Body) -> str:
    return str(books.administration(body.pop("key", "demo"))["key"])


@control.post("/settings")
def settings() -> Response:
    """Change settings of the sandbox."""
    return json_response(books.change_settings(request_body()))


@control.post("/administration")
def administration() -> Response:
    """Change an administration."""
    body = request_body()
    key = _key(body)
    if set(body) - {"blocked", "locked_to", "code1"}:
        raise KeyError(str(sorted(body)))
    books.change_administration(key, body)
    return json_response({})


@control.post("/accounts")
def accounts() -> Response:
    """Add or change a ledger account."""
    body = request_body()
    key = _key(body)
    books.add_account(key, body["code"], body["category"], body["name"])
    return json_response({})


@control.post("/grant")
def grant() -> Response:
    """Return the codes of an administration."""
    row = books.administration(_key(request_body()))
    return json_response(
        {
            "username": row["username"],
            "security_code_1": row["code1"],
            "security_code_2": row["Guid"],
            "access_token": row["access_token"],
        }
    )


@control.post("/expire")
def expire() -> Response:
    """End every session."""
    store = sandbox().store
    for row in store.list("session"):
        store.put(
            "session", row["id"], {**row, "opened_at": "1980-01-01T00:00:00+00:00"}
        )
    return json_response({})


@control.post("/pay")
def pay() -> Response:
    """Settle an open item."""
    body = request_body()
    key = _key(body)
    items = {row["entry"]["Factuurnummer"]: row for row in books.open_items(key)}
    item = items[body["invoice"]]
    left = item["amount"] - item["settled"]
    amount = Decimal(body.get("amount", left))
    kinds = {
        "bank": ("FactuurbetalingOntvangen", "1010"),
        "memoriaal": ("Memoriaal", "4000"),
    }
    if "entry" not in body:
        books.settle(key, body["invoice"], amount)
        return json_response({})
    kind, account = kinds[body["entry"]]
    line = {
        "BedragInvoer": amount, "BedragExclBTW": amount, "BedragBTW": Decimal(0),
        "BedragInclBTW": amount, "BTWCode": "GEEN", "BTWPercentage": Decimal(0),
        "TegenrekeningCode": item["entry"]["Rekening"], "KostenplaatsID": 0,
        "Factuurnummer": body["invoice"],
    }  # fmt: skip
    books.save_entry(key, {
        "Soort": kind, "Datum": sandbox().clock.now().date().isoformat(),
        "Rekening": account, "RelatieCode": item["entry"]["RelatieCode"],
        "Factuurnummer": body["invoice"], "Boekstuk": "", "Omschrijving": "Afgeletterd",
        "Betalingstermijn": "", "InExBTW": "IN", "MutatieRegels": [line],
    })  # fmt: skip
    if kind == "Memoriaal":  # of a payment the books note it themselves
        books.settle(key, body["invoice"], amount)
    return json_response({})


@control.post("/fill")
def fill() -> Response:
    """Make so many entries of another source."""
    body = request_body()
    key = _key(body)
    line = {
        "BedragInvoer": Decimal(1), "BedragExclBTW": Decimal(1),
        "BedragBTW": Decimal(0), "BedragInclBTW": Decimal(1), "BTWCode": "GEEN",
        "BTWPercentage": Decimal(0), "TegenrekeningCode": "4000", "KostenplaatsID": 0,
    }  # fmt: skip
    for number in range(int(body["count"])):
        entry = {
            "Soort": "GeldOntvangen", "Datum": "2015-01-01", "Rekening": "1010",
            "RelatieCode": "", "Factuurnummer": "", "Boekstuk": "",
            "Omschrijving": f"Oud {number}", "Betalingstermijn": "", "InExBTW": "EX",
            "MutatieRegels": [line],
        }  # fmt: skip
        books.save_entry(key, entry)
    return json_response({})
