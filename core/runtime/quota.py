"""How much a tenant may give us to read: files are work for the same few workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from core.domain.errors import AskUser
from core.runtime import throttle
from core.runtime.database import session, transaction
from core.runtime.extensions import settings

DAY = timedelta(days=1)
FORGOTTEN = timedelta(minutes=1)
"""A place that a process took with it when it died is free again after this."""


def admit(tenant_id: int | None, size: int) -> None:
    """Count the bytes of a file, in the caller's transaction.

    Raises AskUser `files_per_day` when a tenant would give too many in a day.
    """
    most = settings().files_bytes_per_day
    if not throttle.spend(f"files:{tenant_id}", size, most, DAY):
        raise AskUser("files_per_day", largest=most // 1_000_000)


@contextmanager
def reading(tenant_id: int | None, size: int) -> Iterator[None]:
    """Admit a file that is read inside, while its user waits, with no transaction open.

    Raises AskUser `files_at_once` or `files_per_day`.
    """
    session().rollback()
    place = f"reading:{tenant_id}"
    most = settings().files_at_once
    try:
        if not throttle.allow(place, most, FORGOTTEN):
            raise AskUser("files_at_once", count=most)
        with transaction():
            admit(tenant_id, size)
        yield
    finally:
        with transaction():
            throttle.give_back(place)
