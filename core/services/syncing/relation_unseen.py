"""What was written without the package showing what it made of it, found afterwards."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.rules.parties import Likeness, likeness
from core.rules.sync import CreateOut, Link, Local, Remote, UpdateOut, linked
from core.rules.sync.numbers import Places, holders_of
from core.services.syncing import relation_lines, relation_links
from core.services.syncing.relation_lines import with_number
from core.services.syncing.relation_links import parts
from core.services.syncing.relation_stretch import Stretch

GROUP = 50
"""How many links are committed at once."""


class Unseen(NamedTuple):
    """What was written without the package showing what it made of it."""

    role: str
    local: Local
    """As it was sent."""
    action: CreateOut | UpdateOut

    def found(self, remotes: Mapping[str, Remote], places: Places) -> Link | None:
        """Return the link with the record as read afterwards.

        A new record is found by its number, and only if it is the same party: another
        may have been made under it meanwhile.
        """
        if isinstance(self.action, UpdateOut):
            remote = remotes.get(self.action.remote)
        else:
            keys = places.get((self.role, self.local.numbers[self.role]), ())
            remote = remotes[keys[0]] if len(keys) == 1 else None
            if remote and likeness(self.local.party, remote.party) != Likeness.SAME:
                return None
        return linked(self.local, remote, self.action.pending) if remote else None


def keep_seen(
    stretch: Stretch, unseen: Sequence[Unseen], remotes: Sequence[Remote]
) -> None:
    """Store the links of what was written, with the records as read afterwards."""
    known = {remote.key: remote for remote in remotes}
    places = holders_of(remotes, ())
    found = [each.found(known, places) for each in unseen]
    for group in parts([link for link in found if link], GROUP):
        with stretch.work():
            for link in group:
                relation_links.keep(stretch.tenant_id, stretch.connection_id, link)
                one = known[link.remote]
                relation_lines.saw(
                    stretch.run_id, link, with_number(one.values, one.number)
                )
