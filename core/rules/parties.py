"""Whether two cards are about one party: compared before they meet. Pure.

A number alone says nothing: *Nummer voorstellen* and most administrations begin their
debtors at 10001. Compared are name, VAT number, chamber of commerce number, e-mail
address and postal code, each only where both cards have it (manual 000, B: a debtor
number belongs to one relation).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from hashlib import sha256

from core.domain import jsontext
from core.domain.errors import AskUser
from core.domain.invoices import InvoiceBooking
from core.domain.relations import RelationData

_ALIKE = 0.85
"""So much of two names is the same signs: a letter mistyped, an abbreviation."""
_SIGNS = re.compile(r"[^\w&]+")
_LEGAL_FORMS = frozenset(
    re.findall(
        r"\w+",
        "bv nv vof cv bvba srl sprl sa comm stichting vereniging eenmanszaak "
        "gmbh ag kg ohg ug ltd limited plc llc inc sarl sas holding "
        "the de het een dhr mw mevr mevrouw heer",
    )
)


class Likeness(StrEnum):
    """What two cards say of each other."""

    SAME = "same"
    UNSURE = "unsure"
    """Something agrees and something does not: a person looks."""
    OTHER = "other"


@dataclass(frozen=True)
class Party:
    """What identifies an organisation or a person; several spellings may be known."""

    names: tuple[str, ...] = ()
    vat_number: str = ""
    chamber_number: str = ""
    emails: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    """Shown to who decides; not compared."""


def party_of(relation: RelationData) -> Party:
    """Return what identifies a relation."""
    addresses = (
        relation.visiting_address,
        relation.postal_address,
        relation.invoice_address,
        relation.delivery_address,
        relation.home_address,
        relation.alternative_address,
    )
    return Party(
        names=(relation.full_name, relation.last_name),
        vat_number=relation.vat_number,
        chamber_number=relation.chamber_number,
        emails=(relation.email,),
        postal_codes=tuple(each.postal_code for each in addresses),
        cities=tuple(each.city for each in addresses),
    )


def likeness(one: Party, other: Party) -> Likeness:
    """Tell whether two cards are about the same party.

    The same: an official number agrees and so does something else, or the names are
    alike, nothing official differs and what else is known does not say otherwise. A
    name of one word (Jansen) is many people's: there one thing that differs is enough.
    Another: nothing agrees.
    """
    official = [
        _agree([one.vat_number], [other.vat_number]),
        _agree([one.chamber_number], [other.chamber_number]),
    ]
    names = _names_agree(one.names, other.names)
    softer = [
        _agree(one.emails, other.emails),
        _agree(one.postal_codes, other.postal_codes),
    ]
    if True in official and False not in official:
        return Likeness.SAME if names or True in softer else Likeness.UNSURE
    if names and False not in official:
        weak = _is_common(one.names, other.names) and True not in softer
        contradicted = False in softer if weak else softer == [False, False]
        return Likeness.UNSURE if contradicted else Likeness.SAME
    agrees = names or True in [*official, *softer]
    return Likeness.UNSURE if agrees else Likeness.OTHER


def is_debtor(booking: InvoiceBooking, key: str, found: Party) -> bool:
    """Tell whether a card is an invoice's relation: linked with it, or the same party.

    `key`: the package's id of the card.
    """
    is_linked = bool(key) and key == booking.debtor_key
    return is_linked or likeness(party_of(booking.relation), found) == Likeness.SAME


def check_debtor(booking: InvoiceBooking, key: str, found: Party) -> None:
    """Refuse to book an invoice on a card that may be another party's.

    `key`: the package's id of the card that has the relation's debtor number. Raises
    AskUser `debtor_other_party`.
    """
    if is_debtor(booking, key, found):
        return
    relation = booking.relation
    number = relation.debtor_number.strip()
    theirs = ", ".join(dict.fromkeys(name for name in found.names if name))
    raise AskUser(
        "debtor_other_party",
        number=number,
        name=relation.full_name,
        record=theirs or number,
    )


def mark(one: Party, other: Party) -> str:
    """Hash what identifies two parties: a decision on them holds until it changes."""
    return sha256(
        jsontext.dumps([_identity(one), _identity(other)]).encode()
    ).hexdigest()


def _identity(party: Party) -> list[list[str]]:
    names = {" ".join(_words(name)) for name in party.names} - {""}
    others = (
        [party.vat_number], [party.chamber_number], party.emails, party.postal_codes
    )  # fmt: skip
    return [sorted(names), *(sorted(_plain(each)) for each in others)]


def names_alike(one: str, other: str) -> bool:
    """Tell whether two names are one, but for case, accents, legal form and a typo."""
    left, right = _words(one), _words(other)
    if not left or not right:
        return False
    fewer, more = sorted((set(left), set(right)), key=len)
    if fewer <= more:
        return len(fewer) > 1 or fewer == more
    ratio = SequenceMatcher(None, " ".join(left), " ".join(right)).ratio()
    return ratio >= _ALIKE


def _names_agree(one: Iterable[str], other: Iterable[str]) -> bool:
    return any(names_alike(left, right) for left in one for right in other)


def _is_common(one: Iterable[str], other: Iterable[str]) -> bool:
    """Tell whether names that are alike have no more than one word in common."""
    return all(
        min(len(_words(left)), len(_words(right))) < 2
        for left in one
        for right in other
        if names_alike(left, right)
    )


def _agree(one: Iterable[str], other: Iterable[str]) -> bool | None:
    """Return whether two sides share a value; None where one has none."""
    left, right = _plain(one), _plain(other)
    return bool(left & right) if left and right else None


def _plain(texts: Iterable[str]) -> set[str]:
    return {re.sub(r"[\s.\-]", "", text).casefold() for text in texts} - {""}


def _words(name: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", name.replace(".", "")).casefold()
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    words = _SIGNS.sub(" ", bare).split()
    return [word for word in words if word not in _LEGAL_FORMS] or words
