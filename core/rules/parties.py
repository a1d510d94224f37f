"""Whether two cards are about one party: compared before they meet. Pure.

A number alone says nothing: *Nummer voorstellen* and most administrations begin their
debtors at 10001. Compared are name, VAT number, chamber of commerce number, e-mail
address and postal code, each only where both cards have it (manual 000, B: a debtor
number belongs to one relation).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from hashlib import sha256

from core.domain import jsontext
from core.domain.errors import AskUser
from core.domain.invoices import InvoiceBooking
from core.domain.purchases import PurchaseBooking
from core.domain.relations import RelationData

_ALIKE = 0.82
"""So much of two words is the same signs: a letter mistyped, ij or y."""
_LONG_WORD, _LONG_NAME = 5, 20
"""A word so long may be mistyped; a name so long may be cut by its package."""
_SIGNS = re.compile(r"[\W_]+")
_LEGAL_FORMS = {
    word: form
    for form in (
        "bv bvba srl sprl", "nv sa", "vof snc", "cv", "stichting",
        "vereniging vzw asbl", "eenmanszaak", "gmbh", "ag", "kg", "ohg", "ug",
        "ltd limited", "plc", "llc",
        "inc", "sarl", "sas",
    )
    for word in form.split()
}  # fmt: skip
"""By word: a form and what it is called elsewhere or was called before."""
_SISTERS = frozenset(
    ("holding", "holdings", "beheer", "beheersmaatschappij", "groep", "group", "groupe",
     "gruppe", "vastgoed", "immo", "immobilien", "participaties", "pensioen",
     "management", "invest", "investments", "exploitatie", "international")
)  # fmt: skip
"""Words that part a company of a group from the others of that name."""
_UNSAID = frozenset(
    ("the", "de", "het", "een", "dhr", "mw", "mevr", "mevrouw", "heer", "en", "and",
     "und", "et", "co", "comm")
)  # fmt: skip


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

    The same: the names are alike, nothing official differs and what else is known does
    not say otherwise: another postal code, unless the e-mail address agrees. A name of
    one word (Jansen) is many people's: there another e-mail address is enough as well.
    Under another name, when the chamber of commerce number agrees and something softer
    does; a VAT number is also that of all who are in one fiscal unity, often in one
    building. Another: nothing agrees.
    """
    vat = _agree([one.vat_number], [other.vat_number])
    chamber = _agree([one.chamber_number], [other.chamber_number])
    names = _names_agree(one.names, other.names)
    emails = _agree(one.emails, other.emails)
    codes = _agree(one.postal_codes, other.postal_codes)
    if True in (vat, chamber) and False not in (vat, chamber):
        is_renamed = chamber and True in (emails, codes)
        return Likeness.SAME if names or is_renamed else Likeness.UNSURE
    if names and False not in (vat, chamber):
        weak = _is_common(one.names, other.names)
        contradicted = codes is False or (weak and emails is False)
        backed = emails or (weak and codes)
        return Likeness.UNSURE if contradicted and not backed else Likeness.SAME
    agrees = names or True in (vat, chamber, emails, codes)
    return Likeness.UNSURE if agrees else Likeness.OTHER


def is_another(one: Party, other: Party) -> bool:
    """Tell whether nothing agrees: neither the name nor what else both cards have.

    Under another name and other official numbers it is another as well where they share
    an address: who takes over a shop keeps its door.
    """
    official = (
        _agree([one.vat_number], [other.vat_number]),
        _agree([one.chamber_number], [other.chamber_number]),
    )
    if False in official and True not in official:
        return not _names_agree(one.names, other.names)
    pairs = (
        *official,
        _agree(one.emails, other.emails),
        _agree(one.postal_codes, other.postal_codes),
    )
    return False in pairs and likeness(one, other) == Likeness.OTHER


def is_debtor(booking: InvoiceBooking, key: str, found: Party) -> bool:
    """Tell whether a card of which little is known is an invoice's relation for sure.

    `key`: the package's id of the card. It is linked with the relation, or beside the
    name an e-mail address or a VAT number agrees: a namesake in another town has none.
    """
    ours = party_of(booking.relation)
    backed = _agree(ours.emails, found.emails) or _agree(
        [ours.vat_number], [found.vat_number]
    )
    is_same = bool(backed) and likeness(ours, found) == Likeness.SAME
    return _is_linked(booking, key) or is_same


def check_debtor(booking: InvoiceBooking, key: str, found: Party) -> None:
    """Refuse to book an invoice on a card that may be another party's.

    `key`: the package's id of the card that has the relation's debtor number. Raises
    AskUser `debtor_other_party`.
    """
    relation = booking.relation
    is_same = likeness(party_of(relation), found) == Likeness.SAME
    if _is_linked(booking, key) or is_same:
        return
    number = relation.debtor_number.strip()
    theirs = ", ".join(dict.fromkeys(name for name in found.names if name))
    raise AskUser(
        "debtor_other_party",
        number=number,
        name=relation.full_name,
        record=theirs or number,
    )


def _is_linked(booking: InvoiceBooking, key: str) -> bool:
    return bool(key) and key == booking.debtor_key


def check_creditor(booking: PurchaseBooking, key: str, found: Party) -> None:
    """Refuse to enter an invoice on a card that may be another party's.

    `key`: the package's id of the card that has the supplier's number. Raises AskUser
    `creditor_other_party`.
    """
    relation = booking.relation
    if key in booking.linked or likeness(party_of(relation), found) == Likeness.SAME:
        return
    number = relation.creditor_number.strip() or relation.debtor_number.strip()
    theirs = ", ".join(dict.fromkeys(name for name in found.names if name))
    raise AskUser(
        "creditor_other_party",
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


def names_alike(one: str, other: str, *, loosely: bool = False) -> bool:
    """Tell whether two names are one, but for case, accents, legal form and a typo.

    One may say more (Bakkerij Jansen Utrecht), but nothing that contradicts: Jan and
    Piet, two initials, two branches with a number and a holding beside its company are
    others, and so is what has another legal form. `loosely`: a typo may be in front as
    well (Anna, Anne); for what a person is shown to choose from.
    """
    left, right = (list(dict.fromkeys(_words(name))) for name in (one, other))
    if not left or not right or _forms_differ(one, other):
        return False
    if _SISTERS & {*left} != _SISTERS & {*right}:
        return False
    shorter, longer = sorted(("".join(left), "".join(right)), key=len)
    if shorter == longer:
        return True
    if len(shorter) >= _LONG_NAME and longer.startswith(shorter):
        return not re.search("[0-9]", shorter[-1] + longer[len(shorter)])
    fewer, more = sorted((left, right), key=len)
    is_enough = len(fewer) > 1 or len(more) == 1
    return is_enough and _all_found(fewer, more, loosely)


def _all_found(fewer: list[str], more: list[str], loosely: bool) -> bool:
    """Tell whether each word has one of its own among the others."""
    free = [word for word in more if word not in fewer]
    fronts = () if len(more) == 1 else (fewer[0], more[0])
    for word in fewer:
        if word in more:
            continue
        found = next(
            (each for each in free if _is_word(word, each, fronts, loosely)), None
        )
        if found is None:
            return False
        free.remove(found)
    return True


def _is_word(one: str, other: str, fronts: Collection[str], loosely: bool) -> bool:
    """Tell whether two words are one: an initial, or mistyped where that is likely.

    Not in front, where first names stand (Willem, Willemijn), and never in a number.
    """
    shorter, longer = sorted((one, other), key=len)
    if one[0] != other[0] or re.search("[0-9]", one + other):
        return False
    if len(shorter) <= 2:
        return bool(fronts) and longer.startswith(shorter)
    ratio = SequenceMatcher(None, one, other).ratio()
    may_be_typo = loosely or not {one, other} & set(fronts)
    return may_be_typo and len(shorter) >= _LONG_WORD and ratio >= _ALIKE


def _forms_differ(one: str, other: str) -> bool:
    left, right = (
        {_LEGAL_FORMS[word] for word in _every_word(name) if word in _LEGAL_FORMS}
        for name in (one, other)
    )
    return bool(left and right) and not left & right


def _names_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Compare the fullest names (the first); a shorter one must be all that is said.

    Else `van den Berg` would make Jan and Piet van den Berg one.
    """
    if any(names_alike(left, right) for left in one[:1] for right in other[:1]):
        return True
    shorter = [(name, full) for name in one[1:] for full in other[:1]]
    shorter += [(name, full) for name in other[1:] for full in one[:1]]
    return any(
        names_alike(name, full) and len(set(_words(name))) == len(set(_words(full)))
        for name, full in shorter
    )


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
    return {
        re.sub(r"\s" if "@" in text else r"[\s.\-]", "", text).casefold()
        for text in texts
    } - {""}


def _words(name: str) -> list[str]:
    """Return the words of a name that tell who it is."""
    words = _every_word(name)
    telling = [word for word in words if word not in _LEGAL_FORMS]
    return [word for word in telling if word not in _UNSAID] or telling or words


def _every_word(name: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", name.replace(".", "")).casefold()
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return _SIGNS.sub(" ", bare).split()
