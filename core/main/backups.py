"""Backups: a folder with a copy of the database and a manifest that says what it needs.

The secret keys are not in it, by design: a backup that is stolen opens nothing. The
manifest names them, and a restore without them is refused. Redis holds nothing that
has to be kept. `docs/backup.md` tells the whole.
"""

import hashlib
import os
import sqlite3
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import upgrade
from sqlalchemy import update

from core.domain import jsontext
from core.main import database_copies
from core.main.database_copies import DatabaseCopy, Unusable
from core.models import RestorePoint
from core.runtime.database import shared_now, transaction
from core.runtime.extensions import db, koppelwerk, settings
from core.runtime.vault import VaultError
from core.services.operations import restores

FORMAT = 1
MANIFEST = "manifest.json"
ALIVE = timedelta(seconds=60)
"""A backup that was not heard of for so long is none that is being made."""
_PROBE, _CONTEXT = b"koppelwerk", "backup/manifest"


@dataclass(frozen=True)
class Manifest:
    """What a backup is, and what a restore of it needs."""

    taken_at: str
    """Its moment (ISO, UTC), by the database's clock: later things are not in it."""
    dialect: str
    """`sqlite` or `postgresql`."""
    revisions: list[str]
    """Of the schema: the newest migration of each branch."""
    key_ids: list[str]
    """Of the secret keys, newest first; not the keys."""
    probe: str
    """Something sealed with the newest key: another key of that id is no use."""
    file: str
    size: int
    sha256: str
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        """Return when it was taken."""
        return datetime.fromisoformat(self.taken_at)


def take(folder: Path) -> Manifest:
    """Make a backup in a new folder; consistent while the product runs.

    Raises Unusable with the words for the operator.
    """
    revisions = _revisions()
    if not revisions:
        raise Unusable("The database has no schema yet: run `flask db upgrade` first.")
    copy = database_copies.of(db.engine.url)
    copy.check()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError as error:
        raise Unusable(f"{folder} is there already.") from error
    try:
        return _fill(folder, copy, revisions)
    except BaseException as error:
        rmtree(folder, ignore_errors=True)  # what is not whole is no backup
        if isinstance(error, OSError | sqlite3.Error):
            raise Unusable(f"{folder} could not be written: {error}") from error
        raise


def _fill(folder: Path, copy: DatabaseCopy, revisions: list[str]) -> Manifest:
    """Copy the database into a new folder; the manifest comes last."""
    with _point() as taken_at:
        file = folder / copy.filename
        _closed(file)
        copy.save(file)
        vault = koppelwerk().vault
        manifest = Manifest(
            taken_at=taken_at.isoformat(),
            dialect=copy.dialect,
            revisions=revisions,
            key_ids=list(vault.key_ids),
            probe=b64encode(vault.seal(_PROBE, context=_CONTEXT)).decode(),
            file=copy.filename,
            size=file.stat().st_size,
            sha256=_digest(file),
        )
        path = folder / MANIFEST
        _closed(path)
        path.write_text(jsontext.dumps(vars(manifest)), encoding="utf-8")
        database_copies.sync(path)
    return manifest


@contextmanager
def _point() -> Iterator[datetime]:
    """Leave the mark that makes the copy know that it is one; complete it here."""
    now = shared_now()
    with transaction() as current:
        point = RestorePoint(taken_at=now, alive_until=now + ALIVE)
        current.add(point)
        current.flush()
        point_id = point.id
    over = threading.Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    keeper = threading.Thread(target=_keep_alive, args=(app, point_id, over))
    keeper.start()
    try:
        yield now
    finally:
        over.set()
        keeper.join()
        _write(point_id, finished_at=shared_now())


def _keep_alive(app: Flask, point_id: int, over: threading.Event) -> None:
    while not over.wait(ALIVE.total_seconds() / 4):
        with app.app_context():
            _write(point_id, alive_until=shared_now() + ALIVE)


def _write(point_id: int, **values: datetime) -> None:
    with transaction() as current:
        current.execute(
            update(RestorePoint).where(RestorePoint.id == point_id).values(**values)
        )


def read(folder: Path) -> Manifest:
    """Return the manifest of a backup that is whole; Unusable otherwise."""
    try:
        said = jsontext.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**said)
        if manifest.moment.tzinfo is None:
            raise ValueError("its moment has no time zone")
    except (OSError, ValueError, TypeError) as error:
        raise Unusable(f"{folder} holds no complete backup ({error}).") from error
    file = folder / Path(manifest.file).name
    if manifest.format != FORMAT:
        raise Unusable(f"This backup has format {manifest.format}; we know {FORMAT}.")
    if not file.is_file() or file.stat().st_size != manifest.size:
        raise Unusable(f"{file} is missing or cut off.")
    if _digest(file) != manifest.sha256:
        raise Unusable(f"{file} is not what was backed up: its SHA-256 differs.")
    return manifest


def check(manifest: Manifest) -> None:
    """Raise Unusable when this installation cannot restore it, and say why."""
    dialect = db.engine.dialect.name
    if manifest.dialect != dialect:
        said = (
            f"It is a backup of {manifest.dialect}, and DATABASE_URL names {dialect}."
        )
        raise Unusable(said)
    here = koppelwerk().vault.key_ids
    missing = [name for name in manifest.key_ids if name not in here]
    if missing:
        raise Unusable(
            f"The secret keys {', '.join(missing)} are not in SECRET_KEYS (or in"
            " secret.keys of VAR_DIR). Without them no credential, mail or certificate"
            " of this backup opens. Put them behind the newest key and try again."
        )
    try:
        koppelwerk().vault.open(b64decode(manifest.probe), context=_CONTEXT)
    except VaultError as error:
        raise Unusable(
            f"The secret key {manifest.key_ids[0]} is another one than at the backup."
        ) from error
    known = {script.revision for script in _scripts().walk_revisions()}
    unknown = [revision for revision in manifest.revisions if revision not in known]
    if unknown:
        raise Unusable(
            f"The backup's schema ({', '.join(unknown)}) is of another version of the"
            " product, or of a plugin that is not installed. Install that first."
        )


def _check_moment(moment: datetime) -> None:
    try:
        restores.refuse_future(moment, shared_now())
    except restores.InFuture as error:
        raise Unusable(
            f"The backup's moment {error}. Set the clock right; if it is, say with"
            " --look-since when the backup was made (UTC)."
        ) from error


def restore(
    folder: Path, *, replaces: bool = False, since: datetime | None = None
) -> Manifest:
    """Put a backup in the place of the database, and let looking begin.

    From `since` on, where the clock of the backup was wrong, else from its own moment.
    Raises Unusable with the words for the operator, before anything changed. All of the
    product's processes must be stopped. Not without `replaces` when there is data.
    """
    manifest = read(folder)
    check(manifest)
    moment = since or manifest.moment
    _check_moment(moment)
    copy = database_copies.of(db.engine.url)
    copy.check()
    db.session.remove()
    db.engine.dispose()
    if copy.is_filled() and not replaces:
        raise Unusable("There is data in the database: use --replace to replace it.")
    with copy.restoring(folder / Path(manifest.file).name) as address:
        _make_current(address, moment)
    return manifest


def _make_current(address: str, taken_at: datetime) -> None:
    """Bring a restored database to our schema, and let looking begin in it."""
    from core.main.app import create_app  # which imports the commands, and so us

    app = create_app(replace(settings(), database_url=address))
    with app.app_context():
        upgrade(revision="heads")
        with transaction():
            restores.begin(taken_at)
        db.session.remove()
        db.engine.dispose()


def _revisions() -> list[str]:
    with db.engine.connect() as connection:
        return sorted(MigrationContext.configure(connection).get_current_heads())


def _scripts() -> ScriptDirectory:
    migrate = current_app.extensions["migrate"].migrate
    return ScriptDirectory.from_config(migrate.get_config())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _closed(path: Path) -> None:
    """Make an empty file that only we can read."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
