"""What a text for a code is made of."""

from dataclasses import dataclass

from flask_babel import LazyString


@dataclass(frozen=True)
class ErrorText:
    """What the user reads for a code."""

    what: LazyString
    why: LazyString | str = ""
    action: LazyString | str = ""
    field: str = ""
    """Where it is solved: the anchor of a field on tab Configuratie (`vat`,
    `payment_methods`, `receivables_account`, `connection`), or `shop`, `package`."""
    many: LazyString | str = ""
    """What stands above several documents with this code; empty: `what` of one. It may
    hold only the values of `by`."""
    by: tuple[str, ...] = ()
    """Values that are part of what solves it: documents that differ in them are groups
    of their own (two at most, such as a country and a rate)."""
