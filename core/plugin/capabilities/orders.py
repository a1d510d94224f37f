"""Orders: a package that books them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from core.domain.foreseen import Foreseen
from core.domain.orders import Order
from core.domain.packages import Credited
from core.plugin.capabilities.capability import Capability
from core.plugin.capabilities.choices import Choices
from core.plugin.capabilities.sender import SenderFactory

if TYPE_CHECKING:
    from flask_babel import LazyString
    from flask_wtf import FlaskForm

    from core.models import Connection, Coupling, PaymentMapping, VatMapping


class Foresee(Protocol):
    """Tells what an order would become if it were sent now."""

    def __call__(
        self,
        coupling: "Coupling",
        order: Order,
        document: str,
        credited: Credited | None = None,
        /,
    ) -> Foreseen:
        """Return the rows, debtor and payments of the very requests, and each check.

        Asks nothing outside and writes nothing; what refuses it stands in the checks.
        `document`: what it was tried as before, one of `documents`; empty: as set up.
        `credited`: of a credit, the sale that it takes back.
        """


class Rehearsal(Protocol):
    """Judges past orders by what is known here; asks and writes nothing outside."""

    call_limit: str
    """The vendor's limit on writes, as `core.net.ratelimit` writes it; empty: none."""

    def check(self, order: Order) -> None:
        """Raise the AskUser that booking would raise, as far as it can be known."""

    def lacking(self, orders: Sequence[Order]) -> set[str]:
        """Name what the package lacks for these orders; each is one write, once."""


Reconcile = Callable[..., list[dict[str, Any]]]
"""Reads what stands in the package of every order: `(coupling, since=None)`.

Gives per document `external_id`, `reference`, `total` incl VAT and `vat` per rate
(None: of rates not told). What is dated before `since` may be left out to save calls.
"""


CountBooked = Callable[..., int]
"""Counts the documents of ours that stand in the package: `(since=None)`, with a date
those that were booked since then."""


class ReconcileCalls(Protocol):
    """Tells how many calls a `Reconcile` takes, about."""

    def __call__(
        self, coupling: "Coupling", count: CountBooked, since: date | None, /
    ) -> int:
        """Return it for a `Reconcile` of the same coupling and date."""


def _one_call(
    _coupling: "Coupling", _count: CountBooked, _since: date | None, /
) -> int:
    return 1


@dataclass(frozen=True)
class Orders(Capability):
    """A package that orders can be booked in."""

    subject: ClassVar[str] = "order"
    subjects: ClassVar[Collection[str]] = ("order", "credit")
    """What its sender gets: sales, and credits of refunds."""

    sender: SenderFactory
    form: "type[FlaskForm]"
    """Settings of a coupling with this package (accounts, terms, what they become)."""
    vat_mapping: "type[VatMapping]"
    payment_mapping: "type[PaymentMapping]"
    choices: "Callable[[Connection], Choices]"
    problems: "Callable[[Coupling], list[str]]"
    """Codes of what is still missing before anything may go; empty: complete."""
    documents: "Mapping[str, LazyString]" = field(default_factory=dict)
    """What an order can become, in the user's words, by `Job.document`."""
    how_to_find: "Mapping[str, LazyString]" = field(default_factory=dict)
    """How the user finds one in the package, by document, in the words of its screens;
    for what has no web address of its own (`Booked.url`). Filled in are `%(number)s`
    (the document's there), `%(order)s` (ours: of the order, credit or invoice) and
    `%(id)s` (the package's id)."""
    payments_notice: "Callable[[Coupling], LazyString | str]" = lambda _coupling: ""
    """What a clearing account does in this package, kind and licence, and what it
    costs (calls a month): stands above the payment methods."""
    credits: Collection[str] = ()
    """Documents whose sale it credits: its sender takes the `Order` of a refund, with
    negative amounts and `Job.credited`. Of refunds of others the user is told."""
    settles: Collection[str] = ()
    """Documents whose payments it books, where the method has a clearing account. Of
    payments that change after such a booking the user is told."""
    rehearse: "Callable[[Coupling], Rehearsal] | None" = None
    """For past orders: what booking would say and cost."""
    foresee: Foresee | None = None
    """What an order would become if it were sent now. None: there is no preview."""
    reconcile: Reconcile | None = None
    reconcile_calls: ReconcileCalls = _one_call
