"""Relations by the API: paging, versions, what is wrong, and who may."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.models import Relation, RelationChange, WebhookDelivery
from tests.api.conftest import BOOT, Program, token

PERSON = {"kind": "person", "name": "Jansen", "first_name": "Eva"}


def walk(program: Program, path: str) -> list[dict[str, Any]]:
    """Follow `next` to the end."""
    found: list[dict[str, Any]] = []
    link: str | None = path
    while link:
        answer = program.get(link.removeprefix("http://localhost/api/v1"))
        assert answer.status_code == 200, answer.json
        found += answer.json["items"]
        link = answer.json["next"]
    return found


def test_a_relation_is_made_changed_replaced_and_deleted(program: Program) -> None:
    made = program.post(
        "/relations",
        {**BOOT, "debtor_number": "10001", "iban": "NL91 ABNA 0417 1643 00",
         "visiting_address": {"street": "Dam", "house_number": "1", "city": "Edam"}},
    )  # fmt: skip
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    where = made.headers["Location"].removeprefix("/api/v1")
    assert made.json["iban"] == "NL91ABNA0417164300"
    assert made.json["visiting_address"]["country"] == "NL"
    patched = program.call("PATCH", where, {"visiting_address": {"city": "Breda"}})
    assert patched.json["visiting_address"]["street"] == "Dam"
    assert patched.json["visiting_address"]["city"] == "Breda"
    assert patched.json["debtor_number"] == "10001"
    replaced = program.call("PUT", where, {**PERSON}, If_Match='"2"')
    assert (replaced.status_code, replaced.json["debtor_number"]) == (200, "")
    assert program.get(where).json == replaced.json
    assert program.call("DELETE", where).status_code == 204
    assert program.get(where).status_code == 404


def test_a_change_is_judged_by_the_relation_it_is_about(program: Program) -> None:
    place = {"street": "Meir", "house_number": "24", "postal_code": "2000",
             "city": "Antwerpen", "country": "BE"}  # fmt: skip
    where = f"/relations/{program.relation(visiting_address=place)}"
    change = {"vat_number": "0403.019.261", "visiting_address": {"postal_code": "1000"}}
    both = program.call("PATCH", where, {**change, "foo": 1, "home_address": None})
    assert {row["field"]: row["code"] for row in both.json["errors"]} == {
        "foo": "field_unknown",
        "home_address": "field_null",
    }
    changed = program.call("PATCH", where, change)
    assert changed.json["vat_number"] == "BE0403019261"


def test_its_history_says_where_a_change_came_from(program: Program) -> None:
    key = program.relation()
    with program.site.data() as session:
        actions = session.scalars(select(RelationChange.action)).all()
    assert actions == ["api"]
    page = program.site.client(program.sample.owner).get(f"/relaties/{key}").text
    assert "Door uw eigen systeem (API)" in page


def test_a_replacement_names_the_version_it_read(program: Program) -> None:
    where = f"/relations/{program.relation()}"
    assert program.call("PUT", where, BOOT).status_code == 428
    stale = program.call("PUT", where, {**BOOT, "name": "X"}, If_Match='"7"')
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    assert program.call("DELETE", where, If_Match='"7"').status_code == 412
    assert program.get(where).json["name"] == BOOT["name"]


def test_pages_hold_every_relation_once(program: Program) -> None:
    made = [program.relation(name=f"Bakker {index}") for index in range(7)]
    assert [row["id"] for row in walk(program, "/relations?limit=3")] == made
    some = walk(program, "/relations?limit=2&search=bakker")
    assert [row["id"] for row in some] == made


def test_deleting_the_last_row_of_a_page_loses_none(program: Program) -> None:
    made = [program.relation(name=f"Bakker {index}") for index in range(4)]
    first = program.get("/relations?limit=2").json
    program.call("DELETE", f"/relations/{made[1]}")
    rest = walk(program, first["next"])
    assert [row["id"] for row in rest] == made[2:]


def test_what_changed_since_comes_in_the_order_of_its_changes(program: Program) -> None:
    old, new = program.relation(name="Oud"), program.relation(name="Nieuw")
    moment = utcnow()
    with program.site.data() as session:
        before = moment - timedelta(days=2)
        session.execute(
            update(Relation)
            .values(changed_at=before)
            .execution_options(synchronize_session=False)
        )
    program.call("PATCH", f"/relations/{new}", {"phone": "0201234567"})
    program.call("PATCH", f"/relations/{old}", {"phone": "0201234567"})
    asked = f"/relations?limit=1&changed_since={moment.isoformat()}"
    rows = walk(program, asked.replace("+", "%2B"))
    assert [row["id"] for row in rows] == [new, old]


def test_a_relation_is_found_by_its_number(program: Program) -> None:
    program.relation(debtor_number="10001")
    wanted = program.relation(creditor_number="20001")
    found = program.get("/relations?number=20001").json["items"]
    assert [row["id"] for row in found] == [wanted]


@pytest.mark.parametrize("cursor", ["x", "WyIiLDFd.AAAA", "%00"])
def test_a_cursor_of_ours_only(program: Program, cursor: str) -> None:
    assert program.get(f"/relations?cursor={cursor}").status_code == 422


def test_a_cursor_is_of_one_list_with_its_filters(program: Program) -> None:
    for name in ("Bakker A", "Bakker B"):
        program.relation(name=name)
    link = program.get("/relations?limit=1").json["next"]
    other = link.replace("limit=1", "limit=1&search=bakker")
    answer = program.get(other.removeprefix("http://localhost/api/v1"))
    assert (answer.status_code, answer.json["code"]) == (422, "api_cursor")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.0"])
def test_a_page_has_a_hundred_rows_at_most(program: Program, limit: str) -> None:
    assert program.get(f"/relations?limit={limit}").status_code == 422


def test_every_wrong_field_is_named_with_a_code(program: Program) -> None:
    answer = program.post(
        "/relations",
        {"kind": "organisation", "name": "X", "iban": "NL00", "surname": "y",
         "visiting_address": {"postal_code": 1000}},
    )  # fmt: skip
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    wrong = {each["field"]: each["code"] for each in answer.json["errors"]}
    assert wrong == {
        "surname": "field_unknown",
        "visiting_address.postal_code": "field_type",
        "iban": "relation_iban_wrong",
    }
    answer = program.post(
        "/relations",
        {"kind": "organisation", "name": "X", "iban": "NL00",
         "visiting_address": {"postal_code": "12", "country": "NL"}},
    )  # fmt: skip
    wrong = {each["field"]: each["code"] for each in answer.json["errors"]}
    assert wrong == {
        "iban": "relation_iban_wrong",
        "visiting_address.postal_code": "relation_postal_code_wrong",
    }


def test_a_patch_is_not_refused_for_what_was_wrong_before(program: Program) -> None:
    key = program.relation()
    with program.site.data() as session:
        session.execute(
            update(Relation)
            .values(iban="NL00")
            .execution_options(synchronize_session=False)
        )
    answer = program.call("PATCH", f"/relations/{key}", {"phone": "0201234567"})
    assert (answer.status_code, answer.json["iban"]) == (200, "NL00")


def test_a_number_that_is_taken_is_a_conflict(program: Program) -> None:
    program.relation(debtor_number="10001")
    answer = program.post("/relations", {**PERSON, "debtor_number": "10001"})
    assert (answer.status_code, answer.json["code"]) == (
        409,
        "relation_debtor_number_taken",
    )
    assert BOOT["name"] in answer.json["title"]


def test_the_same_words_in_english(program: Program) -> None:
    answer = program.get("/relations/999", Accept_Language="en")
    assert answer.headers["Content-Language"] == "en"
    assert answer.json["code"] == "api_not_found"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[1]", 422), (b'{"name": NaN}', 400), (b"\xff", 400),
        (b'{"kind":"person","kind":"person"}', 400), (b"[" * 100_000, 400),
        (b'{"name":"\\ud800","kind":"person"}', 422), (b"null", 422),
        (b'{"name":"a\\u0000b","kind":"person"}', 422), (b"", 422),
    ],
)  # fmt: skip
def test_nonsense_never_breaks_it(program: Program, body: bytes, status: int) -> None:
    answer = program.site.app.test_client().post(
        "/api/v1/relations",
        data=body,
        headers={"Authorization": f"Bearer {program.token}"},
        content_type="application/json",
    )
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_another_type_than_json_is_refused(program: Program) -> None:
    answer = program.site.app.test_client().post(
        "/api/v1/relations",
        data="kind=person",
        headers={"Authorization": f"Bearer {program.token}"},
        content_type="text/plain",
    )
    assert (answer.status_code, answer.json["code"]) == (415, "api_not_json")


def test_a_list_reads_with_a_fixed_number_of_questions(program: Program) -> None:
    for index in range(3):
        program.relation(name=f"Bakker {index}")
    program.get("/relations")
    with program.site.queries() as few:
        program.get("/relations?limit=1")
    with program.site.queries() as more:
        program.get("/relations?limit=100")
    assert len(few) == len(more)
    assert [s for s in more if not s.startswith(("SELECT", "BEGIN"))] == []


def test_nothing_is_queued_where_nobody_listens(program: Program) -> None:
    program.relation()
    with program.site.data() as session:
        assert session.scalars(select(WebhookDelivery)).all() == []


def test_a_token_that_only_reads_writes_nothing(program: Program) -> None:
    reader = Program(
        program.site,
        program.sample,
        token(program.site, program.sample, "relations:read"),
    )
    assert reader.get("/relations").status_code == 200
    answer = reader.post("/relations", BOOT)
    assert (answer.status_code, answer.json["code"]) == (403, "api_scope")
    assert 'scope="relations:write"' in answer.headers["WWW-Authenticate"]


def test_everything_that_is_wrong_comes_in_one_answer(program: Program) -> None:
    values = {"name": 7, "email": "a@", "iban": "NL00", "phone": "x" * 300}
    answer = program.post("/relations", {"kind": "person", **values})
    assert answer.status_code == 422
    assert sorted(each["field"] for each in answer.json["errors"]) == sorted(values)
