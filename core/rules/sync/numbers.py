"""Who has which number, and which new numbers are free by their turn. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.rules.sync.records import Action, Conflict, Local, Remote, UpdateOut

Places = dict[tuple[str, str], list[str]]
"""Keys by role and number."""


def split(made: Sequence[Action]) -> tuple[list[UpdateOut], list[Action]]:
    """Return the updates with a new number, and the rest."""
    numbered: list[UpdateOut] = []
    rest: list[Action] = []
    for act in made:
        if isinstance(act, UpdateOut) and act.number:
            numbered.append(act)
        else:
            rest.append(act)
    return numbered, rest


def number_taken(act: UpdateOut, held: Mapping[tuple[str, str], set[str]]) -> Conflict:
    """Return the conflict of a record whose new number others have."""
    holders = sorted(held.get((act.role, act.number), ()))
    both = (act.remote, *holders)
    return Conflict("number_taken", act.role, act.number, (act.local,), both)


def owners_of(locals_: Iterable[Local]) -> Places:
    """Return which relations have a number."""
    return _by_number(
        (role, number, local.key)
        for local in locals_
        for role, number in local.numbers.items()
    )


def holders_of(remotes: Iterable[Remote], made: Iterable[Action]) -> Places:
    """Return which records have a number once the updates are done."""
    new = {act.remote: act.number for act in made if isinstance(act, UpdateOut)}
    return _by_number((r.role, new.get(r.key) or r.number, r.key) for r in remotes)


def _by_number(
    entries: Iterable[tuple[str, str, str]],
) -> Places:
    """Group keys by role and number; those without a number stay apart."""
    found: Places = defaultdict(list)
    for role, number, key in entries:
        if number:
            found[role, number].append(key)
    return dict(found)
