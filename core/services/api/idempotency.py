"""The same request twice has one effect: answers of the API kept by the client's key.

A unique row claims the key in a transaction of its own, before the work. The answer is
written in the transaction of the work, so that either both stand or neither does. A
claim that a dead process left is taken over after a while; should its owner come back
to life, its work is rolled back because the claim is not its own any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from core.domain import jsontext
from core.domain.clock import utcnow
from core.models import IdempotencyKey
from core.runtime.database import insert_for, session, transaction

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=2)
"""Longer than any request takes."""


class InProgress(Exception):
    """The first request with this key is still being handled."""


class KeyReused(Exception):
    """The key was used for another request."""


class ClaimLost(Exception):
    """Somebody else took over this claim: the work must not be committed."""


@dataclass(frozen=True)
class Claim:
    """A key in the hands of one request."""

    row_id: int
    since: datetime
    """Tells this claim from one that took it over."""


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    body: str
    headers: dict[str, str]


def claim(tenant_id: int, token_id: int, key: str, request_hash: str) -> Claim | Answer:
    """Claim a key, or return the answer it has already; commits by itself.

    Raises KeyReused and InProgress.
    """
    now = utcnow()
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "token_id": token_id,
        "key": key,
        "request_hash": request_hash,
        "status": 0,
        "body": "",
        "created_at": now,
    }
    with transaction() as current:
        made = current.scalar(
            insert_for(IdempotencyKey)
            .values(values)
            .on_conflict_do_nothing(index_elements=["token_id", "key"])
            .returning(IdempotencyKey.id)
        )
        return Claim(made, now) if made else _known(token_id, key, request_hash, now)


def _known(token_id: int, key: str, request_hash: str, now: datetime) -> Claim | Answer:
    row = session().scalar(
        select(IdempotencyKey)
        .where(IdempotencyKey.token_id == token_id, IdempotencyKey.key == key)
        .execution_options(populate_existing=True)
    )
    if row is None:  # released between the two statements
        raise InProgress
    if row.request_hash != request_hash:
        raise KeyReused
    if row.status:
        kept = jsontext.loads(row.body)
        return Answer(row.status, kept["body"], kept["headers"])
    if row.created_at > now - ABANDONED or not _take_over(row, now):
        raise InProgress
    return Claim(row.id, now)


def _take_over(row: IdempotencyKey, now: datetime) -> bool:
    taken = session().scalar(
        update(IdempotencyKey)
        .where(
            IdempotencyKey.id == row.id,
            IdempotencyKey.status == 0,
            IdempotencyKey.created_at == row.created_at,
        )
        .values(created_at=now)
        .returning(IdempotencyKey.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def finish(claim: Claim, answer: Answer) -> None:
    """Keep the answer in the transaction of the work; ClaimLost when taken over."""
    kept = session().scalar(
        update(IdempotencyKey)
        .where(*_own(claim))
        .values(
            status=answer.status,
            body=jsontext.dumps({"body": answer.body, "headers": answer.headers}),
        )
        .returning(IdempotencyKey.id)
        .execution_options(synchronize_session=False)
    )
    if kept is None:
        raise ClaimLost


def release(claim: Claim) -> None:
    """Forget a claim whose work was refused or failed: nothing was done.

    Commits by itself, after the rollback of the work.
    """
    with transaction() as current:
        current.execute(
            delete(IdempotencyKey)
            .where(*_own(claim))
            .execution_options(synchronize_session=False)
        )


def _own(claim: Claim) -> tuple[Any, ...]:
    return (
        IdempotencyKey.id == claim.row_id,
        IdempotencyKey.status == 0,
        IdempotencyKey.created_at == claim.since,
    )


def sweep(now: datetime) -> None:
    """Forget answers after a day, in the caller's transaction."""
    session().execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.created_at < now - KEPT)
        .execution_options(synchronize_session=False)
    )
