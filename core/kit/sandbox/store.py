"""What a sandbox remembers: objects, counters and an append-only ledger.

Objects live in memory for speed and in one SQLite file for restarts. The ledger
holds every write the sandbox accepted, in order, so that what it received can be
compared with what the shop sold; nothing in the product reads it.
"""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.domain import jsontext
from core.domain.clock import utcnow

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL,
    id TEXT NOT NULL, body TEXT NOT NULL);
"""


class Store:
    """Objects by kind and id, in order of arrival; use `lock` for read-then-write."""

    def __init__(self, path: Path | str) -> None:
        self.lock = threading.RLock()
        self._db = sqlite3.connect(
            str(path), check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_SCHEMA)
        self._objects: dict[str, dict[str, Any]] = {}
        for kind, key, body in self._db.execute(
            "SELECT kind, id, body FROM object ORDER BY rowid"
        ):
            self._objects.setdefault(kind, {})[key] = jsontext.loads(body)

    def reset(self) -> None:
        """Forget everything, the ledger too."""
        with self.lock:
            self._db.executescript(
                "DELETE FROM object; DELETE FROM counter; DELETE FROM ledger;"
            )
            self._objects.clear()

    def put(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """Add or replace one object."""
        with self.lock:
            self._objects.setdefault(kind, {})[key] = body
            self._db.execute(
                "INSERT INTO object (kind, id, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                (kind, key, jsontext.dumps(body)),
            )

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return one object, or None."""
        with self.lock:
            return self._objects.get(kind, {}).get(key)

    def list(self, kind: str) -> list[dict[str, Any]]:
        """Return all objects of a kind in order of arrival."""
        with self.lock:
            return list(self._objects.get(kind, {}).values())

    def delete(self, kind: str, key: str) -> None:
        """Remove one object if it is there."""
        with self.lock:
            self._objects.get(kind, {}).pop(key, None)
            self._db.execute(
                "DELETE FROM object WHERE kind = ? AND id = ?", (kind, key)
            )

    def next_number(self, name: str, start: int = 1) -> int:
        """Draw the next number of a series; the first one is `start`."""
        with self.lock:
            row = self._db.execute(
                "INSERT INTO counter (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (name, start),
            ).fetchone()
            return int(row[0])

    def record(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """Append one accepted write to the ledger."""
        with self.lock:
            self._db.execute(
                "INSERT INTO ledger (at, kind, id, body) VALUES (?, ?, ?, ?)",
                (utcnow().isoformat(), kind, key, jsontext.dumps(body)),
            )

    def ledger(
        self, kind: str | None = None, after: int = 0
    ) -> Sequence[dict[str, Any]]:
        """Return the ledger's entries past `after`: seq, at, kind, id, body."""
        with self.lock:
            rows = self._db.execute(
                "SELECT seq, at, kind, id, body FROM ledger"
                " WHERE seq > ? AND (? IS NULL OR kind = ?) ORDER BY seq",
                (after, kind, kind),
            ).fetchall()
        return [
            {"seq": r[0], "at": r[1], "kind": r[2], "id": r[3],
             "body": jsontext.loads(r[4])}
            for r in rows
        ]  # fmt: skip
