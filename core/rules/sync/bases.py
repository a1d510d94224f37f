"""What each field was on both sides when the two were last in step. Pure.

Short hashes, no values: a link outlives its relation (what is deleted here does not
come in again), and what is deleted must not live on in it. A field takes some 25 bytes
and an empty one none, so that 100,000 links are some 25 MB. 48 bits: of a thousand
million comparisons of values that differ, none is expected to pass for equal.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from core.domain import jsontext
from core.rules.sync.records import Link, Local, Remote, our_hash, place_of, their_hash

NUMBER = "#"
"""The number's name among the fields."""
_BAR = "|"
_EMPTY: Mapping[str, str] = {}


def linked(
    local: Local, remote: Remote, pending: Mapping[str, str] | None = None
) -> Link:
    """Return the link of two that are in step now, but for what is `pending`.

    `remote` as the package gives it back, not as it was sent: packages rewrite values.
    `pending`: fields that differ and did not go over, with what they were before.
    """
    role = remote.role
    base = {name: _entry(ours, theirs) for name, ours, theirs in _both(local, remote)}
    base |= pending or {}
    return Link(
        local.key,
        role,
        remote.key,
        our_hash(local, role),
        their_hash(local, remote),
        jsontext.dumps({name: text for name, text in sorted(base.items()) if text}),
    )


def _both(local: Local, remote: Remote) -> list[tuple[str, str, str]]:
    return [
        (NUMBER, local.numbers[remote.role], remote.number),
        *(
            (name, local.values.get(name, ""), theirs)
            for name, theirs in remote.values.items()
        ),
    ]


def _entry(ours: str, theirs: str) -> str:
    left, right = _mark(ours), _mark(theirs)
    return left if left == right else f"{left}{_BAR}{right}"


def _mark(text: str) -> str:
    if not text:
        return ""
    return urlsafe_b64encode(blake2b(text.encode(), digest_size=6).digest()).decode()


@dataclass(frozen=True)
class Since:
    """Which fields of two cards changed since they were last in step.

    Of two that meet for the first time nothing was in step: what is filled in counts
    as changed, what is empty does not, so that nothing is wiped by an empty field. A
    link of before fields were remembered tells only whether a side changed at all.
    """

    local: Local
    remote: Remote
    link: Link | None

    @cached_property
    def is_old(self) -> bool:
        """Whether it is only known that a side changed, not where."""
        return self.link is not None and not self.link.base

    @property
    def is_in_step(self) -> bool:
        """Whether neither side changed at all."""
        return not (self.is_old or self._our_side or self._their_side)

    def ours(self, name: str, *, held: bool = False) -> bool:
        """Tell whether ours changed; what is held back counts only with `held`."""
        if name in self.local.held and not held:
            return False
        if self.is_old:
            return self._our_side
        return _mark(self._ours_of(name)) != self._before(name)[0]

    def theirs(self, name: str) -> bool:
        """Tell whether theirs changed."""
        if self.is_old:
            return self._their_side
        return _mark(self._theirs_of(name)) != self._before(name)[1]

    def is_contested(self, name: str) -> bool:
        """Tell whether a field is a part of an address that both sides changed."""
        place = place_of(name)
        return place is not None and place in self._contested

    @cached_property
    def _contested(self) -> frozenset[str]:
        return frozenset(
            place
            for name, text in self.remote.values.items()
            if (place := place_of(name)) is not None
            and text != self._ours_of(name)
            and self.ours(name)
            and self.theirs(name)
        )

    def before(self, name: str) -> str:
        """Return what a field was, as a link keeps it."""
        return self._base.get(name, "")

    def _before(self, name: str) -> tuple[str, str]:
        ours, bar, theirs = self.before(name).partition(_BAR)
        return ours, theirs if bar else ours

    def _ours_of(self, name: str) -> str:
        if name == NUMBER:
            return self.local.numbers[self.remote.role]
        return self.local.values.get(name, "")

    def _theirs_of(self, name: str) -> str:
        return self.remote.number if name == NUMBER else self.remote.value(name)

    @cached_property
    def _base(self) -> Mapping[str, str]:
        text = self.link.base if self.link else ""
        found: Mapping[str, str] = jsontext.loads(text) if text else _EMPTY
        return found

    @cached_property
    def _our_side(self) -> bool:
        was = self.link.our_hash if self.link else ""
        return was != our_hash(self.local, self.remote.role)

    @cached_property
    def _their_side(self) -> bool:
        was = self.link.their_hash if self.link else ""
        return was != their_hash(self.local, self.remote)
