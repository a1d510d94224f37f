"""What a plugin hands over to the core: one `Plugin` in its `plugin.py`.

The manifest (`__manifest__.py`) is a literal that is read without importing the
plugin; the declaration names the rest. Everything is optional but the manifest: a
plugin that only offers a service to others has no connector, source or target.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from core.domain.invoices import BookedInvoice, Settlements
from core.domain.orders import Order, Reading
from core.domain.packages import Booked, Identity
from core.domain.relations import RelationData
from core.plugin.work import Job
from core.rules.sync import (
    CreateIn,
    CreateOut,
    Local,
    Remote,
    UpdateIn,
    UpdateOut,
    Ways,
)

if TYPE_CHECKING:
    import click
    from flask import Blueprint
    from flask_babel import LazyString
    from flask_wtf import FlaskForm

    from core.models import Base, Connection, Coupling, PaymentMapping, VatMapping
    from core.net.oauth import OAuthProvider, Tokens
    from core.texts import ErrorText


@dataclass(frozen=True)
class Manifest:
    """The literal facts of a plugin, read without importing it."""

    name: str
    title: str
    summary: str
    version: str
    category: str
    """`shop`, `accounting`, `declaration` or `service`."""
    depends: tuple[str, ...] = ()
    auth: str = "none"
    """`oauth`, `form` or `none`."""
    interval: int | None = None
    """Minutes between scheduled runs; None: nothing is scheduled."""
    settings: tuple[str, ...] = ()
    """What its settings begin with, such as `acme_`; nobody else's may."""


@dataclass(frozen=True)
class Choice:
    """One entry of a drop-down: the package's id and what the user reads."""

    value: str
    label: str
    hint: str = ""
    """What helps to pick a default: a rate, an account type."""


@dataclass(frozen=True)
class Choices:
    """What a package offers for the configuration of a coupling."""

    vat_codes: Sequence[Choice] = ()
    revenue_accounts: Sequence[Choice] = ()
    receivables_accounts: Sequence[Choice] = ()
    clearing_accounts: Sequence[Choice] = ()
    payment_terms: Sequence[Choice] = ()
    units: Sequence[Choice] = ()
    debtors: Sequence[Choice] = ()
    managers: Sequence[Choice] = ()
    """Who may be a relation manager: the people of the tenant (filled by the core)."""


class Sender(Protocol):
    """Sends documents of one kind over one connection."""

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load what a batch needs at once (links, index rows); may do nothing."""

    def send(self, job: Job) -> Booked:
        """Check, map and write one document; raise an error of `core.domain.errors`."""


@runtime_checkable
class Connector(Protocol):
    """How any connection is begun and ended; one of the two below makes it.

    A connector inherits from its protocol and leaves out what it does nothing for.
    """

    def connected(self, connection: "Connection") -> None:
        """Called in the transaction that stores a (re)connect; queue first loads."""
        return

    def disconnect(self, tokens: "Tokens") -> None:
        """Tell the outside system that we leave; errors are logged, not raised.

        Not for giving a grant back: the core does, where the provider has a
        `revoke_url`.
        """
        return


class Rehearsal(Protocol):
    """Judges past orders by what is known here; asks and writes nothing outside."""

    call_limit: str
    """The vendor's limit on writes, as `core.net.ratelimit` writes it; empty: none."""

    def check(self, order: Order) -> None:
        """Raise the AskUser that booking would raise, as far as it can be known."""

    def lacking(self, orders: Sequence[Order]) -> set[str]:
        """Name what the package lacks for these orders; each is one write, once."""


@dataclass(frozen=True)
class HistoryPage:
    """A page of a shop's past orders, and where the next one starts."""

    readings: Sequence[Reading]
    cursor: dict[str, Any]
    """The plugin's own; handed back for the next page."""
    found: int
    """How many orders the shop says there are in the period."""
    is_end: bool
    unreadable: Sequence[str] = ()
    """Numbers of orders whose document cannot be read."""


History = Callable[[int, datetime, datetime, dict[str, Any]], HistoryPage | None]
"""Reads orders made from one moment until (not including) another, a page a call.

Gets a connection id; the first cursor is empty. Returns None when the shop cannot be
asked now (paused, rate limit, outage): what is wrong is noted on the connection.
"""


@runtime_checkable
class OAuthConnector(Connector, Protocol):
    """Connects by OAuth 2 (plugins with auth `oauth`)."""

    def provider(self) -> "OAuthProvider":
        """Return the OAuth 2 server's facts."""

    def identify(self, tokens: "Tokens") -> Sequence[Identity]:
        """Ask the outside system which shop or administration the tokens open.

        With several the user chooses one, which the connection then stands for; leave
        out those that cannot serve. Raises AskUser when none can.
        """


@runtime_checkable
class FormConnector(Connector, Protocol):
    """Connects with codes that the user fills in (plugins with auth `form`)."""

    @property
    def credential_form(self) -> "type[FlaskForm]":
        """The fields to fill in; its `steps`, when given, say where to find them."""

    def check(self, values: Mapping[str, str]) -> Sequence[Identity]:
        """Log in and out with these values and return what they open.

        With several the user chooses one, as with `OAuthConnector.identify`. Raises
        AskUser or AuthenticationLost when they are refused, RetryLater when nobody
        answers.
        """


@dataclass(frozen=True)
class OrderTarget:
    """A package that orders can be booked in."""

    coupling_form: "type[FlaskForm]"
    """Settings of a coupling with this package (target kind, accounts, terms)."""
    vat_mapping: "type[VatMapping]"
    payment_mapping: "type[PaymentMapping]"
    choices: "Callable[[Connection], Choices]"
    problems: "Callable[[Coupling], list[str]]"
    """Codes of what is still missing before anything may go; empty: complete."""
    load_reference: "Callable[[Connection], None]"
    """Read VAT codes, accounts and the like again, now (Wijzigen offers it)."""
    rehearse: "Callable[[Coupling], Rehearsal] | None" = None
    """For past orders: what booking would say and cost."""


@dataclass(frozen=True)
class RemotePage:
    """A page of a package's records, and where reading goes on."""

    remotes: Sequence[Remote]
    cursor: Mapping[str, Any]
    """The plugin's own; stored when everything up to here is dealt with."""
    expected: int = 0
    """How many records there are to read in all, where the package says it."""


AT_ONCE = 30
"""How many records a package is asked for at once: a list of ids fits an address."""


class RelationPackage(Protocol):
    """A package opened for one run that keeps relations in step (`core.rules.sync`).

    Its methods raise the classes of `core.domain.errors`; of one record they concern
    that record only (AskUser), else the run stops and goes on later.
    """

    ways: Mapping[str, Ways]
    """By role (`debtor`, `creditor`), from the connection's settings: see
    `core.rules.sync.settings.ways_of`."""
    whole: bool
    """`read` gives every record each time: what it lacks is not there any more.
    False: it gives what changed since the cursor."""

    def local(self, key: str, relation: RelationData) -> Local:
        """Return a relation as it would stand in the package."""

    def read(self, cursor: Mapping[str, Any]) -> Iterator[RemotePage]:
        """Yield records page by page; from the start with an empty cursor."""

    def records(self, role: str, keys: Sequence[str]) -> Sequence[Remote]:
        """Read records afresh by their ids, in as few calls as the package allows.

        At most `AT_ONCE` keys; one that is not in the answer is not there any more. Not
        asked of a `whole` package.
        """

    def find(self, role: str, numbers: Sequence[str]) -> Sequence[Remote]:
        """Read the records with one of these numbers (at most `AT_ONCE`), likewise.

        Asked right before records are made, so that none is made twice.
        """

    def create(self, relation: RelationData, action: CreateOut) -> Remote | None:
        """Make a record and return it as the package gives it back.

        None, of a `whole` package whose answer shows nothing: the run reads all once
        more when it has written.

        After OutcomeUnknown the run looks for it by its number before it calls again,
        twice, the second time at least two minutes later.
        """

    def update(self, relation: RelationData, action: UpdateOut) -> Remote | None:
        """Read, merge and write a record; return it as the package gives it back.

        None as with `create`.

        Fields that are not managed stay as they are. Raises AskUser `record_gone`
        when it is not there any more.
        """

    def relation(self, action: CreateIn) -> RelationData:
        """Return the relation to make of a record, as the settings say."""

    def updated(self, known: RelationData, action: UpdateIn) -> RelationData:
        """Return a relation with what comes in from its records."""


@dataclass(frozen=True)
class RelationTarget:
    """A package whose debtors and creditors are kept in step with the relations."""

    open: "Callable[[Connection], AbstractContextManager[RelationPackage]]"
    """No transaction is held while it reads or writes."""
    form: "type[FlaskForm]"
    """The section `relations` of its page: what goes which way, and as what."""
    choices: "Callable[[Connection], Choices] | None" = None
    notice: "LazyString | str" = ""
    """What the user should know, such as what the package cannot tell apart."""


ReadSettlements = Callable[["Connection", Sequence[BookedInvoice]], Settlements]


@dataclass(frozen=True)
class InvoiceTarget:
    """A package that sent sales invoices are booked in (manual 000, C and D).

    Its sender stands in `Plugin.senders["invoice"]`; what it books comes from
    `core.services.invoicing.invoice_bookings`.
    """

    form: "type[FlaskForm]"
    """Settings of a coupling without a source: receivables account and the like."""
    choices: "Callable[[Connection], Choices]"
    """VAT codes and accounts for the mapping of the tenant's own VAT codes."""
    problems: "Callable[[Coupling], list[str]]"
    """Codes of what is missing in the settings; the mapping is checked by the core."""
    load_reference: "Callable[[Connection], None]"
    maps_vat: bool = True
    """Whether VAT codes have to be mapped; False: the package takes rates."""
    settlements: "ReadSettlements | None" = None
    """Read what is still open of booked invoices; None: the package does not tell.

    Raises the classes of `core.domain.errors`; an answer that may not be complete must
    not name anything as settled."""
    notice: "LazyString | str" = ""
    """What the user should know, such as that no PDF can go along."""


@dataclass(frozen=True)
class Section:
    """A part of a plugin's page at Koppelingen, beyond orders (manuals 000 to 002).

    It appears once the connection was checked well and `is_offered` says so. With a
    form, its values are kept in `connection.settings[name]`.
    """

    name: str
    """Part of its address, and the key of its settings."""
    title: "LazyString | str"
    is_offered: "Callable[[Connection], bool]" = lambda _connection: True
    form: "type[FlaskForm] | None" = None
    choices: "Callable[[Connection], Choices] | None" = None
    """For drop-downs of the form without choices of their own."""
    template: str = ""
    """Shown inside the section, with `connection` and what `context` returns."""
    context: "Callable[[Connection], Mapping[str, Any]] | None" = None
    saved: "Callable[[Connection, dict[str, Any]], None] | None" = None
    """Called in the transaction that stored the form's values; queues what follows."""


@dataclass(frozen=True)
class Tab:
    """An entry of a plugin's own in the main menu."""

    endpoint: str
    title: "LazyString"


SignedPost = tuple[str, bytes, dict[str, str]]
"""Address, body and headers of a webhook."""


@dataclass(frozen=True)
class Sandbox:
    """The simulator of a plugin's outside system, and how a demo uses it.

    The simulator itself is the plugin's package `sandbox`: its `create_app` makes the
    application from a database path. It runs as a process of its own that knows
    nothing of the product.
    """

    port: int
    """Loopback port of `make run`."""
    environ: Callable[[str], dict[str, str]]
    """Settings that point the product at the sandbox's address."""
    grant: "Callable[[str], Tokens] | None" = None
    """Get tokens through the control address, without the login pages.

    Of a plugin with auth `form`: the values of its form (`filled_in`)."""
    couples: bool = True
    """Whether the demo couples it too; False: it is connected, the user couples."""
    seed: Callable[[str, int], None] | None = None
    """Make what the demo's tenant needs beside connections; gets the sandbox's address
    and the tenant's id, in the product's context. Called at every start."""
    begin_demo: Callable[[str, str], None] | None = None
    """Let orders come in for the demo; gets its address and the product's."""
    unlimited: Callable[[str], None] | None = None
    """Switch its rate limit off, for benchmarks."""
    without_limits: Mapping[str, str] = field(default_factory=dict)
    """Settings with which we make as many calls as we can, for benchmarks."""
    hold_orders: Callable[[str, str, int], None] | None = None
    """Make so many orders whose webhooks wait; gets address, product's, count."""
    release_orders: Callable[[str], None] | None = None
    """Send the webhooks that wait."""
    webhook_requests: "Callable[[str, int], list[SignedPost]] | None" = None
    """Make so many signed webhooks for a product at an address, for `bench webhook`."""
    bare_loop: Callable[[str, int], float] | None = None
    """Do so many of the writes of a booked order, nothing else; return seconds."""
    commands: "Sequence[click.Command]" = ()
    """Commands that `flask sandbox` offers for it."""


@dataclass(frozen=True)
class VatCheck:
    """What a register of VAT numbers says of one number."""

    number: str
    """As registered, with its prefix; as given when it is no number."""
    is_valid: bool | None
    """None: the register gave no answer, which proves nothing."""
    proof: str = ""
    """The register's number of this consultation, if it gave one."""


@dataclass(frozen=True)
class DueWork:
    """A kind of work that stands in the database; the dispatcher wakes its task."""

    task: str
    """The RQ task's name; `<plugin>.<name>` of a plugin's own."""
    queue: str
    due: Callable[[datetime], Iterable[int]]
    """Called with the shared clock's moment, a few times a minute: what the task is
    woken with. A task that finds its work by itself is woken with 0."""


SenderFactory = Callable[["Connection"], AbstractContextManager[Sender]]


@dataclass(frozen=True)
class Plugin:
    """A plugin's declaration."""

    manifest: Manifest
    settings: type | None = None
    """Its own settings: a frozen dataclass (`core.plugin.settings`)."""
    hooks: ModuleType | None = None
    tasks: Mapping[str, Callable[[int], None]] = field(default_factory=dict)
    """RQ tasks by name; each takes a connection id."""
    models: "tuple[type[Base], ...]" = ()
    connector: Connector | None = None
    connection_form: "type[FlaskForm] | None" = None
    order_target: OrderTarget | None = None
    is_order_source: bool = False
    takes_api_orders: bool = False
    """Order sources: orders are sent to our own `/api/v1/orders` instead of read."""
    history: History | None = None
    """Order sources: past orders of a period, for a migration run."""
    relation_target: RelationTarget | None = None
    invoice_target: InvoiceTarget | None = None
    senders: Mapping[str, SenderFactory] = field(default_factory=dict)
    """By subject (`order`, `invoice`, `relation`): who sends it."""
    sections: Sequence[Section] = ()
    """What its page at Koppelingen offers beyond orders, in the order shown."""
    blueprint: "Callable[[], Blueprint] | None" = None
    """Own pages and webhook addresses, made on request."""
    tab: Tab | None = None
    """Shown to tenants that have it switched on, if their role may see it."""
    texts: "Mapping[str, ErrorText]" = field(default_factory=dict)
    """The user's words for the plugin's own codes."""
    sandbox: Sandbox | None = None
    check_vat_number: Callable[[int, str, str, str], VatCheck] | None = None
    """Ask a register of VAT numbers for a tenant: its id, the number, the country
    (ISO) and the asker's own number. Commits by itself; never raises on an outage."""
    run_cost: "Callable[[Connection, int], str] | None" = None
    """What scheduled runs every so many minutes cost a month, in the user's words:
    stands beside each choice of the interval. For packages that meter their calls."""
    due_work: "Sequence[DueWork]" = ()
    """What is due of its own, beside connections."""
    kept: "tuple[type[Base], ...]" = ()
    """Tables whose rows the law keeps when a tenant is erased (models of its own)."""
    forget: Callable[[int], None] | None = None
    """Take names and keys out of the rows in `kept` when a tenant (by id) is erased;
    in that transaction, before anything else is deleted."""
    reconcile: "Callable[[Coupling], list[dict[str, Any]]] | None" = None
    """What stands in the package per document, for `flask reconcile`."""

    @property
    def name(self) -> str:
        """The plugin's name, which is its folder's name."""
        return self.manifest.name
