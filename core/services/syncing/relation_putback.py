"""One line of a run put back: what both sides share, and a relation of ours."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from core.domain.errors import AskUser, KoppelwerkError
from core.models import LineKind, Relation, RelationContact, RelationLink, RunKind
from core.rules import relation_fields
from core.rules.sync import Link
from core.runtime.database import session
from core.services.crm import merging, relations
from core.services.syncing import relation_foreseen, relation_lines, relation_links
from core.services.syncing.relation_lines import Kept, Line
from core.services.syncing.relation_stretch import Stretch

CHANGED = "relation_undo_changed"
STAYS = "relation_undo_stays"
INEXACT = "relation_undo_inexact"


class PutBack:
    """What both sides share."""

    def __init__(self, stretch: Stretch, line: Kept) -> None:
        self._stretch = stretch
        self._line = line
        self._is_listing = stretch.kind is RunKind.UNDO_PREVIEW

    def _say(self, kind: LineKind, **values: Any) -> None:
        """Keep what became of it, in the caller's transaction."""
        line = self._line
        said = Line(
            kind,
            line.relation_id,
            line.external_id,
            line.role,
            line.number,
            line.name,
            **values,
        )
        relation_lines.keep(self._stretch.tenant_id, self._stretch.run_id, said)

    def _leave(self, error: KoppelwerkError) -> None:
        self._say(LineKind.LEFT_OUT, code=error.code, params=error.params)

    def _is_dealt_with(self) -> None:
        """Go on behind this line, in the caller's transaction."""
        self._stretch.done += 1
        self._stretch.set(line=self._line.id)

    def _restore_links(self) -> None:
        """Let the links be as they were before the line, in the caller's
        transaction."""
        if self._is_listing:
            return
        stretch, line = self._stretch, self._line
        stand = {external_id for _id, _role, external_id, *_hashes in line.links}
        if line.external_id not in stand:
            session().execute(
                delete(RelationLink).where(
                    RelationLink.connection_id == stretch.connection_id,
                    RelationLink.role == line.role,
                    RelationLink.external_id == line.external_id,
                )
            )
        for relation_id, *rest in line.links:
            link = Link(str(relation_id or ""), *rest)
            relation_links.keep(stretch.tenant_id, stretch.connection_id, link)


class Here(PutBack):
    """A relation that was made or changed, or only linked."""

    def put_back(self) -> None:
        """Put it back, or list that; commits by itself."""
        with self._stretch.work():
            row = None
            if self._line.relation_id:
                row = session().get(
                    Relation, self._line.relation_id, populate_existing=True
                )
            if self._line.kind is LineKind.LINKED:
                self._unlink()
            elif self._line.kind is LineKind.MADE_HERE:
                self._unmake(row)
            elif row is not None:
                self._change_back(row)
            self._is_dealt_with()

    def _unlink(self) -> None:
        """Restore the link, unless it was brought in step again since."""
        stretch, line = self._stretch, self._line
        link = session().scalar(
            select(RelationLink).where(
                RelationLink.connection_id == stretch.connection_id,
                RelationLink.role == line.role,
                RelationLink.external_id == line.external_id,
            )
        )
        now = {} if link is None else {"ours": link.our_hash, "theirs": link.their_hash}
        if now == line.after:
            self._restore_links()

    def _unmake(self, row: Relation | None) -> None:
        if row is None:
            self._say(LineKind.REMOVED_HERE)
            return
        try:
            if self._now(row) != self._line.after or _has_more(row):
                raise AskUser(CHANGED)
            relations.refuse_delete(row)
        except AskUser as error:
            self._leave(error)
            return
        self._restore_links()
        self._say(LineKind.REMOVED_HERE)
        session().flush()
        if not self._is_listing:
            relations.delete(row, origin_connection_id=self._stretch.connection_id)

    def _now(self, row: Relation) -> dict[str, str]:
        """Return its flat fields; in a list, after what stands in that before."""
        now = relation_fields.flat(relations.data_of(row))
        if self._is_listing:
            now |= relation_foreseen.here(self._stretch.run_id, [row.id]).get(
                row.id, {}
            )
        return now

    def _change_back(self, row: Relation) -> None:
        now = self._now(row)
        pairs = {name: (pair[0], pair[1]) for name, pair in self._line.changes.items()}
        back = {name: old for name, (old, new) in pairs.items() if now[name] == new}
        kept = {
            name: (new, now[name])
            for name, (old, new) in pairs.items()
            if now[name] not in (old, new)
        }
        places = relation_fields.places_of(kept)
        back = relation_fields.outside(back, places)
        changes = {name: (now[name], old) for name, old in back.items()}
        try:
            self._save(row, back)
        except AskUser as error:
            self._leave(error)
            return
        if changes:
            self._say(LineKind.RESTORED_HERE, changes=changes)
        if kept:
            self._say(LineKind.LEFT_OUT, changes=kept, code=CHANGED)

    def _save(self, row: Relation, back: Mapping[str, str]) -> None:
        data = relation_fields.with_values(relations.data_of(row), back)
        if self._is_listing:
            run_id = self._stretch.run_id
            relation_foreseen.refuse_save(row.tenant_id, run_id, row, data)
            return
        relations.save(
            data,
            row,
            origin_connection_id=self._stretch.connection_id,
            action="put_back",
        )


def _has_more(row: Relation) -> bool:
    """Tell whether somebody merged another into it, or gave it contact persons."""
    return (
        bool(merging.merges_into(row.id))
        or session().scalar(
            select(RelationContact.id)
            .where(RelationContact.relation_id == row.id)
            .limit(1)
        )
        is not None
    )
