"""How much a run may write before a person looks at it again. Pure.

Counts are by kind of write, as a run counts them; `cards` is all of them together.
"""

from collections.abc import Iterable, Mapping

from core.rules.sync.records import Action, CreateIn, CreateOut, UpdateIn, UpdateOut

CARDS = "cards"
KINDS = ("made_here", "changed_here", "made_there", "changed_there", "overwritten")
_WRITES = KINDS[:-1]
"""What was overwritten is among what was changed there."""
FEW_CARDS = 100
"""More than somebody edits by hand between two runs: then it is an import, a clean-up
or a mistake, and worth a look."""
SHARE = 10
"""With many cards a tenth of them: a large office edits more in a day."""
SLACK = 5
"""So many more than was confirmed, or a tenth: somebody worked on meanwhile."""
ROLES = 2
"""A card changes once for each role of its relation: a preview shows that as one."""


def ordinary(cards: int) -> dict[str, int]:
    """Return what a run may write that nobody looked at; `cards`: how many are linked.

    Of our own choice: no vendor or law names a number.
    """
    return {CARDS: max(FEW_CARDS, cards // SHARE)}


def confirmed(counts: Mapping[str, int]) -> dict[str, int]:
    """Return what a run may write whose preview had these counts: of each kind a little
    more, and nothing of a kind that was not in it."""
    return {kind: _with_slack(kind, counts.get(kind, 0)) for kind in KINDS}


def _with_slack(kind: str, number: int) -> int:
    if not number:
        return 0
    most = number * ROLES if kind.startswith("changed") else number
    return most + max(SLACK, number // SHARE)


def is_exceeded(allowed: Mapping[str, int], counts: Mapping[str, int]) -> bool:
    """Tell whether so many writes are more than is allowed."""
    if CARDS in allowed:
        return sum(counts.get(kind, 0) for kind in _WRITES) > allowed[CARDS]
    return any(counts.get(kind, 0) > allowed.get(kind, 0) for kind in KINDS)


def counted(action: Action) -> Iterable[str]:
    """Yield the kinds of write that an action is counted as."""
    if isinstance(action, CreateIn):
        yield "made_here"
    elif isinstance(action, UpdateIn):
        yield "changed_here"
    elif isinstance(action, CreateOut):
        yield "made_there"
    elif isinstance(action, UpdateOut):
        yield "changed_there"
        if action.overwritten:
            yield "overwritten"
