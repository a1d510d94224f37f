"""A PostgreSQL server of the tests' own: made, started and stopped by the run."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Server:
    """A running server."""

    folder: Path
    address: str
    """Up to the database's name."""
    options: str

    def stop(self) -> None:
        """Stop it as a crash would."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        log = str(self.folder / "log")
        self._control("-l", log, "-o", self.options, "start")

    def restart(self) -> None:
        """Let it crash and come back."""
        self.stop()
        self.start()

    def dump(self, name: str, path: Path) -> None:
        """Write a database into a file."""
        dsn = f"postgresql://{KEEPER}@/{name}?host={self.folder}"
        command = [str(_folder() / "pg_dump"), "-d", dsn, "-f", str(path)]
        subprocess.run(command, check=True)

    def _control(self, *words: str) -> None:
        data = str(self.folder / "data")
        command = [str(_folder() / "pg_ctl"), "-D", data, "-w", *words]
        _as_owner(self.folder, command)


def _folder() -> Path:
    found = binaries()
    assert found is not None
    return found


@contextmanager
def own_server(
    listen: str = "", folder: Path | None = None, more: str = FORGETFUL
) -> Iterator[Server]:
    """Run a server on a Unix socket, or at a network address `listen`."""
    folder = folder or Path(tempfile.mkdtemp(prefix="kwpg-"))
    host = listen or str(folder)
    address = f"postgresql+psycopg://{KEEPER}@/{{name}}?host={host}"
    options = f"-k {folder} -c listen_addresses='{listen}' {more}"
    made = Server(folder, address.replace(KEEPER, "koppelwerk"), options)
    try:
        _as_owner(folder, [str(_folder() / "initdb"), "-D", str(folder / "data"),
                           "-A", "trust", "-U", KEEPER, "-E", "UTF8"])  # fmt: skip
        if listen:
            with (folder / "data" / "pg_hba.conf").open("a") as allowed:
                allowed.write("host all all samenet trust\n")
        made.start()
        for statement in _ROLE:
            _outside_a_transaction(address.format(name="postgres"), statement)
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    """Run a server on a Unix socket; yield the address up to the database's name."""
    with own_server() as made:
        yield made.address


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
