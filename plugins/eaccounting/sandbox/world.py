"""What the simulated vendor holds: companies, their tables, and the settings.

A company's starting data is made anew at every start; changes made through the
control address are kept and repeated after a restart. The world is rebuilt when the
kit's reset has emptied the store.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from flask import current_app

from core.kit.sandbox.app import Sandbox, sandbox
from core.kit.sandbox.store import Store
from plugins.eaccounting.sandbox.fields import Body

DEFAULTS: Body = {
    "calls_per_minute": 600,
    "rotate_refresh_tokens": False,
    "redirect_uris": [],
    "invalid_vat_numbers": [],
    "also_filterable": [],
    "not_filterable": [],
    "allow_duplicate_numbers": False,
    "vat_per_row": False,
    "receivable": "ledger_item",
    "access_token_seconds": 3600,
}


def stable_id(*parts: object) -> str:
    """Return the id that these words always get."""
    return str(uuid5(NAMESPACE_URL, "eaccounting:" + ":".join(map(str, parts))))


def new_id() -> str:
    """Return the id of a new document."""
    return str(uuid4())


def now() -> datetime:
    """Return the vendor's moment, aware UTC."""
    return sandbox().clock.now()


def today() -> str:
    """Return the vendor's local date, as ISO text."""
    return sandbox().clock.today().isoformat()


def utc_text(moment: datetime | None = None) -> str:
    """Write a UTC moment as the API answers it (default: now)."""
    return f"{(moment or now()).replace(tzinfo=None).isoformat('T', 'microseconds')}Z"


class Table:
    """One company's resources of one kind, with an index on their number."""

    def __init__(self, store: Store, kind: str, number: str = "Id") -> None:
        self._store = store
        self.kind = kind
        self._number = number
        self._numbers = {item[number]: item["Id"] for item in store.list(kind)}

    def get(self, key: str) -> Body | None:
        """Return one resource or None; ids are compared without case."""
        return self._store.get(self.kind, key.lower())

    def all(self) -> list[Body]:
        """Return all resources in order of arrival."""
        return self._store.list(self.kind)

    def holder(self, number: Any) -> str | None:
        """Return the id of the resource that has this number."""
        return self._numbers.get(number)

    def save(self, body: Body) -> None:
        """Add or replace a resource."""
        old = self.get(body["Id"])
        if old:
            self._numbers.pop(old[self._number], None)
        self._numbers[body[self._number]] = body["Id"]
        self._store.put(self.kind, body["Id"], body)

    def drop(self, body: Body) -> None:
        """Remove a resource."""
        self._numbers.pop(body[self._number], None)
        self._store.delete(self.kind, body["Id"])

    def next_number(self, start: int) -> str:
        """Draw the next free number of the vendor's own series."""
        while self.holder(number := str(self._store.next_number(self.kind, start))):
            pass
        return number


@dataclass
class Company:
    """One administration: settings, chart of accounts, VAT codes and tables."""

    key: str
    settings: Body
    receivables: int
    years: list[Body] = field(default_factory=list)
    accounts: dict[str, dict[str, Body]] = field(default_factory=dict)
    vat_codes: dict[str, Body] = field(default_factory=dict)
    codings: dict[str, Body] = field(default_factory=dict)
    units: dict[str, Body] = field(default_factory=dict)
    terms: dict[str, Body] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    vat_accounts: set[int] = field(default_factory=set)
    startup_done: bool = True

    @property
    def id(self) -> str:
        """Return the company's id, the `customer_id` of its tokens."""
        return str(self.settings["CompanyIdentifier"])

    def table(self, name: str) -> Table:
        """Return the table of a resource."""
        return self.tables[name]

    def year_of(self, day: str) -> Body | None:
        """Return the fiscal year of a date-time text, or None."""
        for year in self.years:
            if year["StartDate"][:10] <= day[:10] <= year["EndDate"][:10]:
                return year
        return None


@dataclass
class World:
    """Everything outside the store: rebuilt at start and after a reset."""

    companies: dict[str, Company]
    settings: Body
    calls: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)

    def company(self, key: str) -> Company:
        """Return a company by key, id or name; raise KeyError without it."""
        for company in self.companies.values():
            if key in (company.key, company.id, company.settings["Name"]):
                return company
        raise KeyError(f"no company {key}")


Build = Callable[[Sandbox], World]


class Keeper:
    """Holds the world and notices that the store was reset."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._world: World | None = None

    def world(self, part: Sandbox) -> World:
        """Return the world, built anew when there is none or after a reset."""
        if self._world is None or part.store.get("world", "started") is None:
            with part.store.lock:
                part.store.put("world", "started", {})
                self._world = self._build(part)
        return self._world


def world() -> World:
    """Return the running sandbox's world."""
    keeper: Keeper = current_app.extensions["eaccounting"]
    return keeper.world(sandbox())


def record(
    company: Company, kind: str, action: str, document: Body, **more: Any
) -> None:
    """Append one accepted write to the ledger, with the company it was for."""
    entry = {"company": company.key, "company_id": company.id, "action": action,
             "document": document, **more}  # fmt: skip
    sandbox().store.record(kind, document["Id"], entry)
