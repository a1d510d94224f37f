"""What the planner reads and what it answers: plain data, no package's words. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from core.domain import jsontext
from core.rules.parties import Party

Values = Mapping[str, str]
_PART = re.compile(r"(.*?)(?:line|address|postal_code|city|country)")
NOBODY = Party()
"""Nothing is known that identifies: it is the same as nobody."""


def place_of(name: str) -> str | None:
    """Return which address a field is a part of (`main.city`: `main.`), None for no
    part of one. Parts of two addresses never make one."""
    found = _PART.fullmatch(name)
    return found[1] if found else None


@dataclass(frozen=True)
class Local:
    """A relation as it would stand in the package."""

    key: str
    values: Values
    """The managed fields; every one is there, empty when it has no value."""
    numbers: Values
    """Its roles in the package (debtor, creditor) with the number in each.

    A role that is not here has nothing to do with the package. An empty number: the
    package gives one.
    """
    party: Party = NOBODY
    """Who it is: compared before it meets a record by number alone."""
    held: frozenset[str] = frozenset()
    """Names of values in doubt: they come in, but never go out, and a record that has
    another value is not behind."""

    @property
    def sent(self) -> Values:
        """What may go out."""
        return {
            name: value for name, value in self.values.items() if name not in self.held
        }


@dataclass(frozen=True)
class Remote:
    """A record of the package in the same words."""

    key: str
    """The package's id, unique over all roles."""
    role: str
    number: str
    values: Values
    """The managed fields of its role, empty when they have no value there. A field
    that is not here is none of the role's: it neither goes out nor comes in."""
    may_come_in: bool = True
    """Whether a relation may be made of it."""
    is_unreadable: bool = False
    """It is there, and no more than its key and number can be read. An empty key: not
    even that."""
    party: Party = NOBODY
    """Who it is, by all that the record has, also in fields that are not managed."""

    def value(self, name: str) -> str:
        """Return one field's value, empty when its role lacks it."""
        return self.values.get(name, "")


@dataclass(frozen=True)
class Link:
    """A relation and its record, and what both were when last in step.

    Give the links of deleted relations too: their records must not come in again.
    """

    local: str
    role: str
    remote: str
    our_hash: str = ""
    their_hash: str = ""
    base: str = ""
    """What each field was then (`core.rules.sync.bases`); empty: of before it was
    kept."""


class Choice(StrEnum):
    """What the user decided of a relation and a record that met by number."""

    SAME = "same"
    """They are one party: link them."""
    LEFT_OUT = "left_out"
    """They stay apart, and are not asked about again."""


@dataclass(frozen=True)
class Decided:
    """A decision; it holds as long as both cards identify who they did then."""

    choice: Choice
    mark: str
    """`core.rules.parties.mark` of the two."""


Decisions = Mapping[tuple[str, str, str], Decided]
"""By relation, role and record."""


@dataclass(frozen=True)
class Ways:
    """Which directions are switched on for a role."""

    into_crm: bool
    out: bool


@dataclass(frozen=True)
class CreateOut:
    """Make a record in the package, then store its link."""

    local: str
    role: str
    number: str
    values: Values
    replaces: str = ""
    """The linked record that is no longer there."""
    pending: Values = field(default_factory=dict)
    """Fields that stay behind, as `linked` takes them."""


@dataclass(frozen=True)
class UpdateOut:
    """Change a record in the package, read it back and store its link."""

    local: str
    role: str
    remote: str
    changed: Values
    """All that is written: what it does not name stays as the package has it."""
    number: str = ""
    """The new number; empty: as it is."""
    overwritten: Values = field(default_factory=dict)
    """What had been changed in the package and goes; `number` among it."""
    pending: Values = field(default_factory=dict)
    """Fields that differ and stay so, as `linked` takes them."""


@dataclass(frozen=True)
class CreateIn:
    """Make a relation, then store its link."""

    remote: str
    role: str
    number: str
    values: Values


@dataclass(frozen=True)
class UpdateIn:
    """Change a relation; the links follow as `Store`."""

    local: str
    changed: Values
    numbers: Values
    overwritten: Values
    """What stood in the changed fields."""
    remotes: tuple[str, ...]


@dataclass(frozen=True)
class Store:
    """The two are in step without a call: store the link."""

    link: Link
    pending: Values = field(default_factory=dict)
    """Fields that differ and stay so."""


@dataclass(frozen=True)
class Conflict:
    """Nothing is written for these until the user has looked."""

    code: str
    """`number_twice`: more than one has it; `number_taken`: another record has it;
    `role_changed`: the package made a debtor a creditor, or the reverse;
    `other_party`: they have one number, but are not clearly one party."""
    role: str
    number: str
    locals: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()


Action = UpdateIn | CreateIn | Store | UpdateOut | CreateOut | Conflict


def our_hash(local: Local, role: str) -> str:
    """Hash the relation as it would stand in the package in one role."""
    return digest(local.sent, local.numbers[role])


def their_hash(local: Local, remote: Remote) -> str:
    """Hash the record's values in the fields that the relation has."""
    return digest({name: remote.value(name) for name in local.values}, remote.number)


def digest(values: Values, number: str) -> str:
    """Hash a side's managed fields and its number, independent of their order."""
    return sha256(jsontext.dumps([number, sorted(values.items())]).encode()).hexdigest()
