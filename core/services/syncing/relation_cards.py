"""What is shown of two cards that have one number, for a person to tell who is who."""

from collections.abc import Iterable, Mapping

from core.rules.parties import Party

OTHER_PARTY = "relation_other_party"
"""The trouble of two that are not clearly one party."""
MARK = "mark"
"""Among a trouble's params: of who both were when they were compared."""
FIELDS = (
    "names", "vat_number", "chamber_number", "emails", "postal_codes", "cities",
)  # fmt: skip
"""By which a party is known, in the order they are shown in."""
_THEIRS = "their_"


def card(party: Party) -> dict[str, str]:
    """Return a record's card as params of a trouble."""
    return {f"{_THEIRS}{name}": text for name, text in shown(party).items()}


def card_of(params: Mapping[str, str]) -> dict[str, str]:
    """Return the record's card that a trouble or decision kept."""
    return {name: str(params.get(f"{_THEIRS}{name}", "")) for name in FIELDS}


def shown(party: Party) -> dict[str, str]:
    """Return a card as it is read, by field."""
    return {name: _text(getattr(party, name)) for name in FIELDS}


def _text(value: str | Iterable[str]) -> str:
    texts = (value,) if isinstance(value, str) else value
    return ", ".join(dict.fromkeys(text.strip() for text in texts if text.strip()))
