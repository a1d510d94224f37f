"""Invoices: a package that the sent sales invoices of the CRM are booked in."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from core.domain.errors import KoppelwerkError
from core.domain.invoices import BookedInvoice, Settlements
from core.domain.relations import RelationData
from core.plugin.capabilities.capability import Capability
from core.plugin.capabilities.choices import Choices
from core.plugin.capabilities.sender import SenderFactory

if TYPE_CHECKING:
    from flask_babel import LazyString
    from flask_wtf import FlaskForm

    from core.models import Connection, Coupling

ReadSettlements = Callable[["Connection", Sequence[BookedInvoice]], Settlements]


def _nothing_to_choose(_connection: "Connection") -> Choices:
    return Choices()


def _nothing_needed(
    _connection: "Connection", _relation: RelationData
) -> list[KoppelwerkError]:
    return []


def _nothing_missing(_coupling: "Coupling") -> list[str]:
    return []


@dataclass(frozen=True)
class Invoices(Capability):
    """A package that sent sales invoices are booked in (manual 000, C and D).

    What is booked comes as an `InvoiceBooking` in `Job.subject_row`.
    """

    subject: ClassVar[str] = "invoice"
    subjects: ClassVar[Collection[str]] = ("invoice",)

    sender: SenderFactory
    form: "type[FlaskForm]"
    """Settings of a coupling without a source: receivables account and the like."""
    choices: "Callable[[Connection], Choices]" = _nothing_to_choose
    """VAT codes and accounts for the mapping of the tenant's own VAT codes."""
    problems: "Callable[[Coupling], list[str]]" = _nothing_missing
    """Codes of what is missing in the settings; the mapping is checked by the core."""
    needs: "Callable[[Connection, RelationData], Sequence[KoppelwerkError]]" = (
        _nothing_needed
    )
    """What a relation lacks for an invoice to it, by what is known here: asked before
    it is sent. The errors that booking would raise, and remarks."""
    documents: "Mapping[str, LazyString]" = field(default_factory=dict)
    """What an invoice can become, in the user's words, by `Job.document`."""
    how_to_find: "Mapping[str, LazyString]" = field(default_factory=dict)
    """How the user finds one in the package: as `Orders.how_to_find`."""
    maps_vat: bool = True
    """Whether VAT codes have to be mapped; False: the package takes rates."""
    settlements: "ReadSettlements | None" = None
    """Read what is still open of booked invoices; None: the package does not tell.

    Raises the classes of `core.domain.errors`; an answer that may not be complete must
    not name anything as settled."""
    notice: "LazyString | str" = ""
    """What the user should know, such as that no PDF can go along."""
