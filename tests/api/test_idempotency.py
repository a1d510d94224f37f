"""The same request twice, at once, after a crash: one effect and one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.domain.clock import utcnow
from core.models import IdempotencyKey, Relation
from core.runtime.tenancy import system_scope
from core.services.api import idempotency
from core.services.crm import relations
from core.services.operations import cleaning
from core.web.api import relations as views
from tests.api.conftest import BOOT, Program

KEY = "3f0e2a9c"


def count(program: Program, model: Any = Relation) -> int:
    with program.site.data() as session:
        return int(session.scalar(select(func.count()).select_from(model)))


def send(program: Program, body: Any = BOOT, key: str = KEY) -> Any:
    return program.post("/relations", body, Idempotency_Key=key)


def age(program: Program, by: timedelta, **values: Any) -> None:
    """Let every key be made so long ago."""
    with program.site.data() as session:
        session.execute(
            update(IdempotencyKey)
            .values(created_at=utcnow() - by, **values)
            .execution_options(synchronize_session=False)
        )


def test_the_same_request_gets_the_same_answer(program: Program) -> None:
    first, again = send(program), send(program)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert count(program) == 1


def test_another_request_with_the_key_is_refused(program: Program) -> None:
    send(program)
    answer = send(program, {**BOOT, "name": "Anders"})
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert count(program) == 1


def test_a_key_is_of_one_token(program: Program, other: Program) -> None:
    send(program)
    assert send(other).status_code == 201
    assert count(program) == 2


def test_without_a_key_every_request_counts(program: Program) -> None:
    program.post("/relations", BOOT)
    program.post("/relations", BOOT)
    assert (count(program), count(program, IdempotencyKey)) == (2, 0)


def test_what_was_refused_may_be_mended_under_the_same_key(program: Program) -> None:
    assert send(program, {**BOOT, "iban": "x"}).status_code == 422
    assert count(program, IdempotencyKey) == 0
    assert send(program).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 101, "é"])
def test_a_key_is_a_short_plain_text(program: Program, key: str) -> None:
    answer = send(program, key=key)
    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_wrong")


def test_while_the_first_is_busy_the_second_waits_its_turn(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Event(), Event()
    real = views._checked

    def slow(*args: Any, **options: Any) -> Any:
        begun.set()
        go_on.wait(20)
        return real(*args, **options)

    monkeypatch.setattr(views, "_checked", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send, program)
        assert begun.wait(20)
        second = send(program)
        go_on.set()
        assert first.result().status_code == 201
    assert (second.status_code, second.json["code"]) == (409, "idempotency_in_progress")
    assert second.headers["Retry-After"] == "1"
    assert send(program).headers["Idempotency-Replayed"] == "true"
    assert count(program) == 1


def test_ten_at_once_make_one_relation(program: Program) -> None:
    start = Barrier(10)

    def race(_: int) -> int:
        start.wait(20)
        return int(send(program).status_code)

    with ThreadPoolExecutor(10) as pool:
        found = sorted(pool.map(race, range(10)))
    assert found[0] == 201
    assert set(found) <= {201, 409}
    assert count(program) == 1


def test_a_crash_before_the_commit_did_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError("the process dies")

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "finish", crash)
        patch.setattr(idempotency, "release", lambda _claim: None)
        assert send(program).status_code == 500
    assert count(program) == 0
    assert send(program).status_code == 409
    age(program, timedelta(minutes=3))
    assert send(program).status_code == 201
    assert count(program) == 1


def test_work_whose_claim_was_taken_over_is_undone(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = relations.save

    def overtaken(*args: Any, **options: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(relations, "save", real)
            row = real(*args, **options)
        session = relations.session()
        session.execute(
            update(IdempotencyKey)
            .values(created_at=utcnow())
            .execution_options(synchronize_session=False)
        )
        return row

    with monkeypatch.context() as patch:
        patch.setattr(relations, "save", overtaken)
        assert send(program).status_code == 409
    assert count(program) == 0


def test_an_answer_is_forgotten_after_a_day(program: Program) -> None:
    send(program)
    age(program, timedelta(hours=25))
    with program.site.app.app_context(), system_scope():
        cleaning.clean(utcnow())
    assert count(program, IdempotencyKey) == 0
    assert "Idempotency-Replayed" not in send(program).headers
    assert count(program) == 2
