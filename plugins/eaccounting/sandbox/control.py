"""The sandbox's own control address, beside the kit's: `/_control/...`.

POST settings {name: value}            see `world.DEFAULTS`; answers all settings
POST company {company, name: value}    change company settings, or `startup_done`
POST fiscalyears {company, year, locked}
POST accounts {company, number, name?, vat_code?, IsActive?, ...}   add or change
POST vatcodes {company, country, rate, code?, account?}   answers code and coding id
POST companies {company}               add a company with this key
POST grant {company?, scope?}          tokens without the login pages
POST customers {company?, customers}   add customers: bodies of a POST, terms filled in
POST revoke {company?}                 end all grants (of one company)
POST payments {company?, id, amount}   write off of a ledger item; negative: reopen it

Changes last over a restart and end with the kit's reset. `company` is a key (`demo`,
`tweede`, `kronor`, `boekhouden`), an id or a name; default `demo`.
"""

from collections.abc import Callable
from decimal import Decimal

from flask import Response

from core.kit.sandbox.app import (
    Sandbox,
    control_of,
    json_response,
    request_body,
    sandbox,
)
from plugins.eaccounting.sandbox import customers, ledger, seed, tokens
from plugins.eaccounting.sandbox.companies import another, companies
from plugins.eaccounting.sandbox.fields import Body
from plugins.eaccounting.sandbox.vatdata import EU
from plugins.eaccounting.sandbox.world import DEFAULTS, Company, World, world

control = control_of("eaccounting")


def _settings(place: World, change: Body) -> Body:
    for name, value in change.items():
        if name not in DEFAULTS:
            raise KeyError(f"no setting {name}")
        place.settings[name] = value
    return place.settings


def _company(place: World, change: Body) -> Body:
    company = place.company(change.get("company", "demo"))
    for name, value in change.items():
        if name == "startup_done":
            company.startup_done = bool(value)
        elif name in company.settings:
            company.settings[name] = value
        elif name != "company":
            raise KeyError(f"no company setting {name}")
    return company.settings


def _fiscal_year(place: World, change: Body) -> Body:
    company = place.company(change.get("company", "demo"))
    year = company.year_of(f"{change['year']}-01-01")
    if year is None:
        raise KeyError(f"no fiscal year {change['year']}")
    year["IsLockedForAccounting"] = bool(change["locked"])
    return year


def _account(place: World, change: Body) -> Body:
    company = place.company(change.get("company", "demo"))
    number = int(change["number"])
    if "name" in change:
        seed.add_account(company, number, change["name"], change.get("vat_code"))
    result: Body = {}
    for accounts in company.accounts.values():
        result = accounts[str(number)]
        result.update({k: v for k, v in change.items() if k in result})
    return result


def _vat_code(place: World, change: Body) -> Body:
    company = place.company(change.get("company", "demo"))
    rate = Decimal(str(change["rate"]))
    country, text = change["country"], seed.rate_text(rate)
    if country in EU and country != "NL" and "code" not in change:
        body = seed.add_oss(company, country, rate)
        return body | {"CodingId": _coding_id(company, country, text)}
    code = change.get("code", f"V-{country}-{text}")
    account = int(change.get("account", 1540))
    body = seed.add_vat_code(
        company, code, f"Verkoop {country} {text} %", rate, account
    )
    coding = seed.add_coding(company, f"Goederen {country} {text} %", rate, 8100)
    return body | {"CodingId": coding["Id"]}


def _coding_id(company: Company, country: str, text: str) -> str:
    name = f"OSS {EU[country][0]} {text} %"
    names = {coding["Name"]: key for key, coding in company.codings.items()}
    return names[name]


def _another(place: World, change: Body) -> Body:
    company = another(change["company"], sandbox().store)
    place.companies[company.id] = company
    return company.settings


_CHANGES: dict[str, Callable[[World, Body], Body]] = {
    "settings": _settings,
    "company": _company,
    "fiscalyears": _fiscal_year,
    "accounts": _account,
    "companies": _another,
    "vatcodes": _vat_code,
}


def build(part: Sandbox) -> World:
    """Return the starting world with all stored changes done again."""
    place = World(companies(part.store), dict(DEFAULTS))
    for entry in part.store.list("change"):
        _CHANGES[entry["name"]](place, entry["change"])
    return place


@control.post("/<any(settings,company,companies,fiscalyears,accounts,vatcodes):name>")
def change(name: str) -> Response:
    """Make one change to the world, and remember it."""
    body = request_body()
    with sandbox().store.lock:
        answer = _CHANGES[name](world(), body)
        number = sandbox().store.next_number("change")
        sandbox().store.put("change", str(number), {"name": name, "change": body})
    return json_response(answer)


@control.get("/settings")
def settings() -> Response:
    """Answer the settings."""
    return json_response(world().settings)


@control.post("/grant")
def grant() -> Response:
    """Give tokens for a company without the login pages."""
    body = request_body()
    company = world().company(body.get("company", "demo"))
    scope = body.get("scope", tokens.FULL_SCOPE)
    client, user = next(iter(tokens.CLIENTS)), next(iter(tokens.USERS))
    given = tokens.new_grant(client, user, company, scope)
    offline = "offline_access" in scope.split()
    return json_response(
        tokens.answer(given, tokens.new_refresh(given) if offline else None)
    )


@control.post("/customers")
def more_customers() -> Response:
    """Add customers of the company's own, each by the rules of a POST."""
    body = request_body()
    with sandbox().store.lock:
        company = world().company(body.get("company", "demo"))
        terms = next(iter(company.terms))
        usual = {"TermsOfPaymentId": terms, "IsPrivatePerson": False, "IsActive": True}
        added = [customers.add(company, {**usual, **one}) for one in body["customers"]]
    return json_response(added)


@control.post("/payments")
def payments() -> Response:
    """Write an amount off a ledger item, as a bank line or a bookkeeper would.

    On a credit item the amount counts towards zero as well.
    """
    body = request_body()
    with sandbox().store.lock:
        company = world().company(body.get("company", "demo"))
        amount = Decimal(str(body["amount"]))
        return json_response(ledger.write_off(company, body["id"], amount))


@control.post("/revoke")
def revoke() -> Response:
    """End all grants, or those of one company: 401 and invalid_grant from now on."""
    body, ended = request_body(), 0
    wanted = world().company(body["company"]).id if "company" in body else None
    for entry in sandbox().store.list("grant"):
        if not entry["revoked"] and wanted in (None, entry["company"]):
            tokens.revoke(entry)
            ended += 1
    return json_response({"revoked": ended})
