"""Relations: a package whose debtors and creditors are kept in step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from core.domain.relations import RelationData
from core.plugin.capabilities.capability import Capability
from core.plugin.capabilities.choices import Choices
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
    from flask_babel import LazyString
    from flask_wtf import FlaskForm

    from core.models import Connection


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


@runtime_checkable
class RemovesRecords(Protocol):
    """What a `RelationPackage` has besides, where its interface deletes records.

    Asked only to undo a run that made them, of records that are as it made them.
    """

    def remove(self, role: str, key: str) -> None:
        """Delete a record; one that is not there any more is no error.

        Raises AskUser when the package keeps it, such as for what was booked on it.
        """


@runtime_checkable
class ChecksWrites(Protocol):
    """What a `RelationPackage` has besides, where it can tell before a write that it
    would refuse it: a preview then lists it, with the reason."""

    def check(self, relation: RelationData, action: CreateOut | UpdateOut) -> None:
        """Raise the AskUser that `create` or `update` would raise.

        By what is known without a call: their own checks and the vendor's limits.
        """


@dataclass(frozen=True)
class Relations(Capability):
    """A package whose debtors and creditors are kept in step with the relations."""

    open: "Callable[[Connection], AbstractContextManager[RelationPackage]]"
    """No transaction is held while it reads or writes."""
    form: "type[FlaskForm]"
    """The section `relations` of its page: what goes which way, and as what."""
    choices: "Callable[[Connection], Choices] | None" = None
    retire: "Callable[[Connection, str, str], None] | None" = None
    """Set a record, by role and id, inactive: the user merged its relation into another
    one. One that is not there, or is inactive already, is no error. None: the package
    has no such thing, and the user is told that the record still stands there."""
    notice: "LazyString | str" = ""
    """What the user should know, such as what the package cannot tell apart."""
    follows_changes: bool = True
    """Whether a change of a relation begins a run soon. False, where calls are counted:
    it waits for the next scheduled run."""
