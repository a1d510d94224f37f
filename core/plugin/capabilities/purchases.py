"""Purchases: packages that take purchase entries, and who keeps what they are made of.

Neither knows the other: a person chooses a document, and it goes as any other.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from core.domain.purchases import PurchaseInvoice
from core.domain.structured_invoices import VatCategory
from core.plugin.capabilities.capability import Capability
from core.plugin.capabilities.choices import Choices
from core.plugin.capabilities.sender import SenderFactory

if TYPE_CHECKING:
    from flask_babel import LazyString
    from flask_wtf import FlaskForm

    from core.models import Connection


@dataclass(frozen=True)
class Purchases(Capability):
    """A package that invoices of suppliers are entered in, each by a person's word.

    What is entered comes as a `PurchaseBooking` in `Job.subject_row`.
    """

    subject: ClassVar[str] = "purchase"
    subjects: ClassVar[Collection[str]] = ("purchase",)

    sender: SenderFactory
    form: "type[FlaskForm]"
    """Settings: the account for creditors and the like; all of its fields are asked."""
    choices: "Callable[[Connection], Choices]"
    """VAT codes of purchases, cost accounts, accounts for creditors."""
    categories: Collection[VatCategory]
    """What it can enter; of others the user is told to do so himself."""
    documents: "Mapping[str, LazyString]" = field(default_factory=dict)
    """What an invoice can become, in the user's words, by `Job.document`."""
    how_to_find: "Mapping[str, LazyString]" = field(default_factory=dict)
    """How the user finds one in the package: as `Orders.how_to_find`."""
    notice: "LazyString | str" = ""
    """What the user should know, such as that an entry is a draft there."""


@dataclass(frozen=True)
class PurchaseSource(Capability):
    """Keeps invoices of suppliers, of the tenant in scope; at most one plugin does."""

    load: Callable[[Collection[int]], Mapping[int, PurchaseInvoice]]
    """Return the documents with these ids that can be entered as they are."""
    entered: Callable[[int], None]
    """Note that a document stands in a package, in the transaction that says so."""
    address: Callable[[int], str]
    """Return the address of a document's page."""
