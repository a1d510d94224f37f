"""A PostgreSQL server of the tests' own: made, started and stopped by the run."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import text

FORGETFUL = "-c fsync=off -c full_page_writes=off -c autovacuum=off"
"""Nothing here has to outlive the tests."""


KEEPER = "keeper"
"""The superuser; the product runs under a role that the walls hold for."""
_ROLE = (
    "CREATE ROLE koppelwerk LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS",
    "GRANT SET ON PARAMETER session_replication_role TO koppelwerk",
)
"""What it is granted lets a test empty the tables in any order."""


def binaries() -> Path | None:
    """Return the folder with initdb and pg_ctl, or None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _as_owner(folder: Path, command: list[str]) -> None:
    """Run a command as a user the server accepts: it refuses to run as root."""
    user = None
    if os.geteuid() == 0:
        user = "postgres"
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    subprocess.run(
        command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL
    )


@contextmanager
def server() -> Iterator[str]:
    """Run a server on a Unix socket; yield the address up to the database's name."""
    bin_folder = binaries()
    assert bin_folder is not None
    folder = Path(tempfile.mkdtemp(prefix="kwpg-"))
    data = folder / "data"
    try:
        _as_owner(folder, [str(bin_folder / "initdb"), "-D", str(data), "-A", "trust",
                           "-U", KEEPER, "-E", "UTF8"])  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' {FORGETFUL}"
        control = [str(bin_folder / "pg_ctl"), "-D", str(data), "-w"]
        log = str(folder / "log")
        _as_owner(folder, [*control, "-l", log, "-o", options, "start"])
        address = f"postgresql+psycopg://{KEEPER}@/{{name}}?host={folder}"
        for statement in _ROLE:
            _outside_a_transaction(address.format(name="postgres"), statement)
        yield address.replace(KEEPER, "koppelwerk")
        _as_owner(folder, [*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def create_database(address: str, name: str) -> None:
    """Make a database of this name on the server at an address."""
    _outside_a_transaction(address, f"CREATE DATABASE {name}")


def drop_database(address: str, name: str) -> None:
    """Drop it again; nobody may be connected to it."""
    _outside_a_transaction(address, f"DROP DATABASE {name}")


def _outside_a_transaction(address: str, statement: str) -> None:
    engine = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
