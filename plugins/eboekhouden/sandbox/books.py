"""The administrations, their books and sessions, behind both interfaces."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from core.kit.sandbox.app import sandbox

Body = dict[str, Any]
DEFAULTS: Body = {"calls_per_month": 5000, "session_seconds": 1200}
"""The lifetime of a session is not known; clients keep one 5 to 20 minutes."""
PAYMENTS = ("FactuurbetalingOntvangen", "FactuurbetalingVerstuurd")
"""Kinds that settle an invoice."""
_SPACE = UUID("6f3c1c1e-7d0b-4f5c-9c39-2f6b1d0a5e11")
_ACCOUNTS = """
0100 BAL Inventaris
1000 FIN Kas
1010 FIN Bank
1300 DEB Debiteuren
1310 DEB Debiteuren webwinkel
1500 AF19 Af te dragen BTW hoog
1510 AF6 Af te dragen BTW laag
1520 AFOVERIG Af te dragen BTW overig
1530 VOOR Voorbelasting
1540 BTWRC BTW rekening-courant
1600 CRED Crediteuren
2000 FIN Kruisposten iDEAL
4000 VW Algemene kosten
8000 VW Omzet
8010 VW Omzet laag tarief
8020 VW Omzet binnen EU (ICP)
8030 VW Omzet buiten EU
8040 VW Omzet OSS
1750 BAL Nog in te wisselen cadeaubonnen
1760 BAL Statiegeld
"""


class Refusal(Exception):
    """An error code of the vendor; nothing was done."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


def _administration(key: str, company: str, number: int) -> Body:
    guid = str(uuid5(_SPACE, key)).upper()
    return {
        "key": key,
        "Bedrijf": company,
        "Plaats": "Amsterdam",
        "Guid": f"{{{guid}}}",
        "StartBoekjaar": "1-1",
        "username": f"{key}gebruiker",
        "code1": uuid5(_SPACE, f"{key}1").hex,
        "access_token": uuid5(_SPACE, f"{key}2").hex * 2,
        "blocked": False,
        "locked_to": "",
        "first": number,
    }


ADMINISTRATIONS = (
    _administration("demo", "Demo Webwinkel B.V. sandbox", 1),
    _administration("tweede", "Tweede Administratie B.V. sandbox", 2),
)


def setting(name: str) -> Any:
    """Return one of the sandbox's settings."""
    kept = sandbox().store.get("settings", "all") or {}
    return kept.get(name, DEFAULTS[name])


def change_settings(values: Body) -> Body:
    """Change settings; KeyError for one that is not there."""
    unknown = set(values) - set(DEFAULTS)
    if unknown:
        raise KeyError(unknown.pop())
    kept = sandbox().store.get("settings", "all") or {}
    sandbox().store.put("settings", "all", {**kept, **values})
    return {name: setting(name) for name in DEFAULTS}


def administration(key: str) -> Body:
    """Return an administration as it is now; KeyError when there is none."""
    base = {row["key"]: row for row in ADMINISTRATIONS}[key]
    return {**base, **(sandbox().store.get("administration", key) or {})}


def change_administration(key: str, values: Body) -> None:
    """Change what an administration is: blocked, locked_to, code1."""
    administration(key)
    kept = sandbox().store.get("administration", key) or {}
    sandbox().store.put("administration", key, {**kept, **values})


def all_administrations() -> list[Body]:
    """Return all administrations."""
    return [administration(row["key"]) for row in ADMINISTRATIONS]


# --- calls and sessions ------------------------------------------------------------


def count_call(key: str) -> None:
    """Count a call of this month; raise Refusal E003.1 over the limit.

    Every call counts here, sessions too: what the vendor counts is not known.
    """
    month = sandbox().clock.now().strftime("%Y-%m")
    calls = sandbox().store.next_number(f"calls {key} {month}")
    limit = int(setting("calls_per_month"))
    if limit and calls > limit:
        raise Refusal("E003.1", "Het maximum aantal aanroepen per maand is bereikt.")


def open_session(key: str, kind: str) -> str:
    """Return the id of a new session."""
    number = sandbox().store.next_number("session")
    made = str(uuid5(_SPACE, f"session {number}")).upper()
    session = f"{{{made}}}" if kind == "soap" else made.replace("-", "") * 2
    now = sandbox().clock.now().isoformat()
    body = {"key": key, "kind": kind, "opened_at": now, "closed": False}
    sandbox().store.put("session", session, {**body, "id": session})
    return session


def session_state(session: str, kind: str) -> tuple[str, str]:
    """Return a session's administration and what is wrong with it, if anything."""
    found = sandbox().store.get("session", session)
    if found is None or found["kind"] != kind:
        return "", "unknown"
    if found["closed"]:
        return found["key"], "closed"
    ends = _moment(found["opened_at"]) + timedelta(
        seconds=int(setting("session_seconds"))
    )
    return found["key"], "expired" if sandbox().clock.now() >= ends else ""


def close_session(session: str) -> None:
    """End a session; one that is not there is not there."""
    found = sandbox().store.get("session", session)
    if found is not None:
        sandbox().store.put("session", session, {**found, "closed": True})


def _moment(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)


# --- records -----------------------------------------------------------------------


def accounts(key: str) -> list[Body]:
    """Return the ledger accounts of an administration."""
    rows = [line.split(maxsplit=2) for line in _ACCOUNTS.strip().splitlines()]
    base = {
        code: {
            "ID": 100 + index,
            "Code": code,
            "Omschrijving": name,
            "Categorie": category,
            "Groep": "",
        }
        for index, (code, category, name) in enumerate(rows)
    }
    for row in _own("account", key):
        base[row["Code"]] = {name: row[name] for name in row if name != "key"}
    return [base[code] for code in sorted(base)]


def add_account(key: str, code: str, category: str, name: str) -> None:
    """Add or change a ledger account."""
    body = {"ID": 900 + int(code), "Code": code, "Omschrijving": name,
            "Categorie": category, "Groep": ""}  # fmt: skip
    sandbox().store.put("account", f"{key} {code}", {"key": key, **body})


def account(key: str, code: str) -> Body | None:
    """Return a ledger account by its code."""
    return next((row for row in accounts(key) if row["Code"] == code), None)


def relations(key: str) -> list[Body]:
    """Return the relations of an administration, oldest first."""
    return _own("relation", key)


def relation(key: str, code: str) -> Body | None:
    """Return a relation by its code."""
    return next((row for row in relations(key) if row["Code"] == code), None)


def save_relation(key: str, body: Body) -> Body:
    """Add (ID 0) or replace a relation; the ledger notes which."""
    kind = "relation" if not body["ID"] else "relation changed"
    if not body["ID"]:
        body = {**body, "ID": sandbox().store.next_number("relation", 1001)}
        body["AddDatum"] = sandbox().clock.today().isoformat()
    number = str(body["ID"])
    sandbox().store.put("relation", number, {**body, "key": key})
    sandbox().store.record(kind, number, {**body, "key": key})
    return body


def entries(key: str) -> list[Body]:
    """Return the entries of an administration, oldest first."""
    return _own("entry", key)


def save_entry(key: str, body: Body) -> Body:
    """Book an entry under the next number."""
    number = sandbox().store.next_number(f"entry {key}")
    fault = sandbox().faults.take("shift_cent")
    lines = [dict(line) for line in body["MutatieRegels"]]
    if fault is not None:
        for name in ("BedragInvoer", "BedragExclBTW", "BedragInclBTW"):
            lines[0][name] += Decimal("0.01")
    made = {**body, "MutatieNr": number, "MutatieRegels": lines, "key": key}
    sandbox().store.put("entry", f"{key} {number}", made)
    sandbox().store.record("entry", str(number), made)
    if made["Soort"] in PAYMENTS:
        settle(key, made["Factuurnummer"], entry_total(made))
    return made


def entry_total(entry: Body) -> Decimal:
    """Return an entry's total incl VAT."""
    return sum((line["BedragInclBTW"] for line in entry["MutatieRegels"]), Decimal(0))


def balance(key: str, code: str) -> Decimal:
    """Return what the entries put on a ledger account, debit positive.

    An invoice and money paid have their account in debit; money received and a
    journal entry credit the accounts of their lines.
    """
    found = Decimal(0)
    for entry in entries(key):
        if entry["Rekening"] == code:
            found += entry_total(entry)
        lines = (x for x in entry["MutatieRegels"] if x["TegenrekeningCode"] == code)
        found -= sum((line["BedragInclBTW"] for line in lines), Decimal(0))
    return found


def settle(key: str, invoice_number: str, amount: Decimal) -> None:
    """Note that so much of an invoice was settled."""
    number = sandbox().store.next_number("settlement")
    body = {"key": key, "invoice": invoice_number, "amount": amount}
    sandbox().store.put("settlement", str(number), body)


def open_items(key: str) -> Sequence[Body]:
    """Return the invoices sent that are not settled in full."""
    settled: dict[str, Decimal] = {}
    for row in _own("settlement", key):
        number = row["invoice"]
        settled[number] = settled.get(number, Decimal(0)) + row["amount"]
    found = []
    for entry in entries(key):
        if entry["Soort"] != "FactuurVerstuurd":
            continue
        amount = entry_total(entry)
        done = settled.get(entry["Factuurnummer"], Decimal(0))
        if amount != done:
            debtor = relation(key, entry["RelatieCode"]) or {}
            found.append({"entry": entry, "debtor": debtor, "amount": amount,
                          "settled": done})  # fmt: skip
    return found


def _own(kind: str, key: str) -> list[Body]:
    return [row for row in sandbox().store.list(kind) if row["key"] == key]
