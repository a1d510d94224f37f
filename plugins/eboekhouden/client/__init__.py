"""What both interfaces of e-Boekhouden.nl offer us; `soap` and `rest` implement it.

Records are dicts with the SOAP field names (`wire`). Nothing here knows a database or
Flask: counting calls is passed in. A write that was refused is an error whose class
says what to do; a lost one is OutcomeUnknown and is looked up, never sent again.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from core.domain.errors import KoppelwerkError, RetryLater
from core.domain.money import cents
from core.net.ratelimit import CallLimit
from plugins.eboekhouden.refusals import SERVICE
from plugins.eboekhouden.wire import Body


class CallCounter(CallLimit, Protocol):
    """Counts every call, since the vendor allows so many a month (contract 2).

    `acquire` raises WaitUntil `eboekhouden_month_limit` when the month is used up.
    """

    def refused(self) -> KoppelwerkError:
        """Return the error for when the vendor says that its limit was reached."""


class Uncounted:
    """A counter for calls outside any connection: the test of new credentials."""

    def acquire(self, endpoint: str) -> None:
        """Let it pass."""

    def refused(self) -> KoppelwerkError:
        """Return the limit's error without a moment of its own: an hour."""
        from core.domain.errors import WaitUntil

        return WaitUntil("eboekhouden_month_limit", seconds=3600, calls="-", limit="-")


@dataclass(frozen=True)
class Credentials:
    """What the user filled in: three codes for SOAP, or one token for REST."""

    username: str = field(default="", repr=False)
    code1: str = field(default="", repr=False)
    code2: str = field(default="", repr=False)
    """The administration's GUID."""
    access_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class EntryQuery:
    """Which entries to read; empty: all, the newest 500 (SOAP)."""

    invoice_number: str = ""
    number: int = 0
    """One entry's number; 0: any."""
    first: int = 0
    last: int = 0
    """Range of entry numbers; 0: open."""
    since: date = date(1980, 1, 1)
    until: date = date(2049, 12, 31)
    """The range of dates that the vendor knows (contract 2)."""
    names_codes: bool = True
    """Whether accounts and relations are wanted: by REST each is a call to look up."""


class KnownIds(Protocol):
    """What the local index knows of ids: REST names records by them, we by code."""

    def account_ids(self) -> dict[str, int]:
        """Return the ids of the ledger accounts by code, read an hour ago at most."""

    def relation_id(self, code: str) -> int:
        """Return the id of the relation of a code; 0 when it is not known."""


class EBoekhouden(Protocol):
    """One administration. Every method raises the errors of `core.net.http` as well."""

    lists_whole: bool
    """Whether all records come whole in one call, or each by a call of its own."""

    known_ids: KnownIds | None
    """Spares the calls that ask for ids, once it is set; SOAP needs none."""

    @property
    def last_exchange(self) -> str:
        """The last request and answer, redacted; empty before any."""

    def login(self) -> None:
        """Open a session now; AuthenticationLost when the login is refused."""

    def close(self) -> None:
        """End the session, if one is open, and the connection; raises nothing."""

    def administrations(self) -> Sequence[Body]:
        """Return the administrations there are: Bedrijf and Guid of each."""

    def ledger_accounts(self) -> Sequence[Body]:
        """Return all ledger accounts: ID, Code, Omschrijving, Categorie."""

    def relations(
        self,
        *,
        email: str = "",
        code: str = "",
        external_id: str = "",
        known: Container[str] = (),
    ) -> Sequence[Body]:
        """Return relations: all, those with an e-mail address, or the one of a code or
        of an ID (ASCII digits).

        Those in `known` (by ID) may come as ID and Code only, to spare calls.
        """

    def add_relation(self, relation: Body) -> str:
        """Add a relation and return its ID; CodeTaken when its code is in use."""

    def update_relation(self, relation: Body) -> None:
        """Replace a relation: what is empty is wiped, so send all of it (10)."""

    def add_entry(self, entry: Body) -> str:
        """Book an entry and return its number; Duplicate when it is there already."""

    def entries(self, query: EntryQuery) -> Sequence[Body]:
        """Return entries, each with its lines (MutatieRegels, a list)."""

    def payments(self, reference: str, paid_on: date) -> Sequence[Body]:
        """Return payments of a local day whose Boekstuk is a reference of ours."""

    def open_items(self) -> Sequence[Body]:
        """Return all open items of debtors; amounts in euros incl VAT."""

    def balance(self, account: str) -> Decimal:
        """Return what all postings on a ledger account add up to, debit positive."""


def money(value: object) -> Decimal:
    """Return an amount in whole cents: the schema's type is double (4.3), and such a
    sum may be a hair off. Raises RetryLater for what is no amount: one that is missing
    must never be read as nothing."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise RetryLater("remote_nonsense", service=SERVICE, detail="amount")
    return cents(value)


def pages(client: EBoekhouden, query: EntryQuery) -> Iterator[Sequence[Body]]:
    """Yield the entries of a query, the newest page first, until an answer is empty.

    By SOAP the vendor gives the newest 500 *rows* (2), entries or lines: how many an
    answer has does not tell whether it is the last. REST's client reads all at once.
    """
    while page := client.entries(query):
        yield page
        first = min(int(row["MutatieNr"]) for row in page)
        if not client.lists_whole or first <= 1 or 0 < query.last < first:
            return
        query = replace(query, last=first - 1)
