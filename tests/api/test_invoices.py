"""Invoices by the API: drafts, numbers of another system, PDFs, credits."""

from base64 import b64encode
from typing import Any

import pytest
from sqlalchemy import select

from core.models import InvoiceAttachment, Mail, SalesInvoice, VatKind
from core.services.mailing import mail
from tests.api.conftest import Program, vat_code

PDF = b64encode(b"%PDF-1.7 een factuur").decode()


def draft(relation_id: int, **changes: Any) -> dict[str, Any]:
    """A draft of 225.00 at 21 %."""
    return {
        "relation_id": relation_id,
        "issued_on": "2026-03-31",
        "due_on": "2026-04-30",
        "reference": "Opdracht 7",
        "lines": [
            {
                "description": "Advies",
                "quantity": "2.5",
                "unit_price": "90.00",
                "vat_code": "NL21",
            }
        ],
        **changes,
    }


@pytest.fixture
def relation_id(program: Program) -> int:
    vat_code(program.site, program.sample)
    return program.relation(debtor_number="10001")


@pytest.fixture
def invoice_id(program: Program, relation_id: int) -> int:
    return int(program.post("/invoices", draft(relation_id)).json["id"])


def pdf(name: str = "F-7.pdf", **values: Any) -> dict[str, Any]:
    return {"filename": name, "content": PDF, **values}


def test_a_draft_has_its_vat_worked_out(program: Program, relation_id: int) -> None:
    made = program.post("/invoices", draft(relation_id))
    assert made.status_code == 201, made.json
    amounts = ("amount_excl_vat", "vat_amount", "amount_incl_vat")
    assert [made.json[name] for name in amounts] == ["225.00", "47.25", "272.25"]
    assert (made.json["state"], made.json["number"]) == ("draft", None)
    assert made.json["lines"][0]["quantity"] == "2.5"
    assert made.json["lines"][0]["vat_rate"] == "21"
    where = made.headers["Location"].removeprefix("/api/v1")
    assert program.get(where).json == made.json


def test_a_draft_is_replaced_with_its_attachments_kept(
    program: Program, relation_id: int, invoice_id: int
) -> None:
    where = f"/invoices/{invoice_id}"
    program.post(f"{where}/attachments", pdf())
    line = {**draft(1)["lines"][0], "quantity": "1"}
    answer = program.call("PUT", where, draft(relation_id, lines=[line], reference=""))
    assert (answer.status_code, answer.json["reference"]) == (200, "")
    assert answer.json["amount_incl_vat"] == "108.90"
    assert [each["filename"] for each in answer.json["attachments"]] == ["F-7.pdf"]
    assert program.get(where).json == answer.json
    wrong = program.call("PUT", where, draft(relation_id, due_on="2026-03-30"))
    assert (wrong.status_code, program.get(where).json) == (422, answer.json)


def test_a_draft_is_deleted_and_what_was_sent_stays(
    program: Program, relation_id: int, invoice_id: int
) -> None:
    where = f"/invoices/{invoice_id}"
    assert program.call("DELETE", where).status_code == 204
    assert program.get(where).status_code == 404
    sent = program.post("/invoices", draft(relation_id)).json["id"]
    before = program.post(f"/invoices/{sent}/send").json
    for method, body in (("DELETE", None), ("PUT", draft(relation_id, note="x"))):
        answer = program.call(method, f"/invoices/{sent}", body)
        assert (answer.status_code, answer.json["code"]) == (409, "invoice_not_draft")
    assert program.get(f"/invoices/{sent}").json == before


def test_what_a_draft_names_must_be_there(program: Program, relation_id: int) -> None:
    lines = [{**draft(1)["lines"][0], "vat_code": "XX"}]
    wrong = draft(relation_id + 1, lines=lines, due_on="2026-03-30")
    answer = program.post("/invoices", wrong)
    assert answer.status_code == 422
    assert {each["field"]: each["code"] for each in answer.json["errors"]} == {
        "relation_id": "field_unknown_id",
        "due_on": "field_before_issue",
        "lines.0.vat_code": "field_unknown_id",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantity", 1), ("quantity", "1,5"), ("quantity", "1.00001"),
        ("unit_price", "1e3"), ("unit_price", "NaN"), ("unit_price", ""),
        ("unit_price", "12345678"), ("quantity", "1\n"),
    ],
)  # fmt: skip
def test_an_amount_is_a_text_with_a_point(
    program: Program, relation_id: int, name: str, value: Any
) -> None:
    lines = [{**draft(1)["lines"][0], name: value}]
    answer = program.post("/invoices", draft(relation_id, lines=lines))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == f"lines.0.{name}"


@pytest.mark.parametrize("day", ["2026-02-30", "31-03-2026", "0001-01-01", 20260331])
def test_a_date_is_one_of_our_time(
    program: Program, relation_id: int, day: Any
) -> None:
    answer = program.post("/invoices", draft(relation_id, issued_on=day))
    assert answer.json["errors"][0]["field"] == "issued_on"


def test_sent_with_our_number_or_with_yours(program: Program, relation_id: int) -> None:
    sent = []
    for number in ({}, {"number": "F-2026-0007"}, {}):
        made = program.post("/invoices", draft(relation_id)).json["id"]
        answer = program.post(f"/invoices/{made}/send", number)
        assert (answer.status_code, answer.json["state"]) == (200, "sent")
        sent.append(answer.json["number"])
    assert sent == ["202600001", "F-2026-0007", "202600002"]
    with program.site.data() as session:
        assert set(session.scalars(select(SalesInvoice.sent_as))) == {"api"}


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("F-1", 409, "invoice_number_taken"),
        ("202600001", 422, "invoice_number_own_series"),
        ("F 2", 422, "api_invalid"),
        ("F" * 31, 422, "api_invalid"),
    ],
)
def test_a_number_is_used_once_and_not_one_of_ours(
    program: Program, relation_id: int, number: str, status: int, code: str
) -> None:
    first, second = (
        program.post("/invoices", draft(relation_id)).json["id"] for _ in range(2)
    )
    program.post(f"/invoices/{first}/send", {"number": "F-1"})
    answer = program.post(f"/invoices/{second}/send", {"number": number})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert program.get(f"/invoices/{second}").json["state"] == "draft"


def test_an_invoice_is_sent_once(program: Program, invoice_id: int) -> None:
    program.post(f"/invoices/{invoice_id}/send")
    again = program.post(f"/invoices/{invoice_id}/send")
    assert (again.status_code, again.json["code"]) == (409, "invoice_not_draft")


def test_the_attachment_that_is_the_invoice_goes_along(
    program: Program, invoice_id: int
) -> None:
    where = f"/invoices/{invoice_id}/attachments"
    program.post(where, pdf("../bijlage.pdf"))
    marked = program.post(where, pdf("C:\\factuur.pdf", is_invoice=True))
    assert (marked.status_code, marked.json["filename"]) == (201, "factuur.pdf")
    sent = program.post(f"/invoices/{invoice_id}/send").json
    assert [(each["filename"], each["is_invoice"]) for each in sent["attachments"]] == [
        ("bijlage.pdf", False),
        ("factuur.pdf", True),
    ]
    with program.site.data() as session:
        contents = session.scalars(select(InvoiceAttachment.content)).all()
    assert set(contents) == {b"%PDF-1.7 een factuur"}


def test_of_several_attachments_one_is_named(program: Program, invoice_id: int) -> None:
    where = f"/invoices/{invoice_id}"
    keys = [
        program.post(f"{where}/attachments", pdf(name)).json["id"]
        for name in ("a.pdf", "b.pdf")
    ]
    unclear = program.post(f"{where}/send")
    assert (unclear.status_code, unclear.json["code"]) == (422, "which_attachment")
    missing = program.post(f"{where}/send", {"attachment_id": 999})
    assert missing.json["errors"][0]["field"] == "attachment_id"
    sent = program.post(f"{where}/send", {"attachment_id": keys[1]})
    assert [each["is_invoice"] for each in sent.json["attachments"]] == [False, True]


@pytest.mark.parametrize("content", ["????", "aGFsbG8=", "JVBER"])
def test_an_attachment_is_a_pdf(
    program: Program, invoice_id: int, content: str
) -> None:
    answer = program.post(f"/invoices/{invoice_id}/attachments", pdf(content=content))
    assert answer.json["errors"] == [
        {
            "field": "content",
            "code": "field_pdf",
            "detail": "Dit is geen PDF in base64.",
        }
    ]


def test_nothing_is_attached_to_what_was_sent(
    program: Program, invoice_id: int
) -> None:
    program.post(f"/invoices/{invoice_id}/send")
    answer = program.post(f"/invoices/{invoice_id}/attachments", pdf())
    assert (answer.status_code, answer.json["code"]) == (409, "invoice_not_draft")


def test_a_credit_invoice_is_a_draft_of_its_own(
    program: Program, invoice_id: int
) -> None:
    early = program.post(f"/invoices/{invoice_id}/credit")
    assert (early.status_code, early.json["code"]) == (409, "invoice_not_sent")
    program.post(f"/invoices/{invoice_id}/send")
    made = program.post(f"/invoices/{invoice_id}/credit")
    assert (made.status_code, made.json["credits_id"]) == (201, invoice_id)
    assert made.json["amount_incl_vat"] == "-272.25"
    twice = program.post(f"/invoices/{invoice_id}/credit").json["id"]
    assert program.post(f"/invoices/{made.json['id']}/send").status_code == 200
    over = program.post(f"/invoices/{twice}/send")
    assert (over.status_code, over.json["code"]) == (422, "credit_exceeds")
    again = program.post(f"/invoices/{invoice_id}/credit")
    assert (again.status_code, again.json["code"]) == (409, "nothing_to_credit")


def test_without_a_file_the_law_wants_more(program: Program, relation_id: int) -> None:
    """Ours is made then: it must name the customer's address."""
    bare = program.post("/relations", {"kind": "organisation", "name": "Kaal"})
    made = program.post("/invoices", draft(bare.json["id"])).json["id"]
    refused = program.post(f"/invoices/{made}/send")
    assert refused.json["code"] == "invoice_customer_incomplete"
    assert program.get(f"/invoices/{made}").json["state"] == "draft"
    program.post(f"/invoices/{made}/attachments", pdf(is_invoice=True))
    assert program.post(f"/invoices/{made}/send").json["state"] == "sent"


def test_a_relation_with_invoices_stays(
    program: Program, relation_id: int, invoice_id: int
) -> None:
    answer = program.call("DELETE", f"/relations/{relation_id}")
    assert (answer.status_code, answer.json["code"]) == (409, "relation_has_invoices")


def test_the_list_is_narrowed(program: Program, relation_id: int) -> None:
    made = [program.post("/invoices", draft(relation_id)).json["id"] for _ in range(3)]
    program.post(f"/invoices/{made[1]}/send", {"number": "F-1"})

    def keys(query: str) -> list[int]:
        return [row["id"] for row in program.get(f"/invoices?{query}").json["items"]]

    assert keys("state=draft") == [made[0], made[2]]
    assert keys("number=F-1") == [made[1]]
    assert keys(f"relation_id={relation_id}") == made
    assert keys(f"relation_id={relation_id + 1}") == []
    assert program.get("/invoices?state=nope").status_code == 422


def test_the_vat_codes_are_listed(program: Program, relation_id: int) -> None:
    codes = program.get("/vat-codes").json["items"]
    (code,) = [each for each in codes if each["code"] == "NL21"]
    assert (code["code"], code["rate"], code["kind"]) == ("NL21", "21", "standard")


def test_it_is_mailed_by_send_and_says_what_is_open(
    program: Program, relation_id: int
) -> None:
    body = draft(relation_id, delivered_on="2026-03-30", language="en")
    made = program.post("/invoices", body).json
    assert (made["delivered_on"], made["language"]) == ("2026-03-30", "en")
    assert (made["open_amount"], made["overdue"]) == ("0.00", False)
    where = f"/invoices/{made['id']}/send"
    both = program.post(where, {"mail": {}, "attachment_id": 1})
    assert both.json["errors"][0]["code"] == "field_not_with_mail"
    nobody = program.post(where, {"mail": {}})
    assert (nobody.status_code, nobody.json["code"]) == (409, "invoice_no_email")
    letter = {"recipient": "klant@korrel.example", "subject": "Ref {number}"}
    sent = program.post(where, {"mail": letter, "number": "F-9"}).json
    assert (sent["state"], sent["open_amount"]) == ("sent", "272.25")
    assert sent["overdue"] is True
    assert [each["filename"] for each in sent["attachments"]] == ["Invoice-F-9.pdf"]
    with program.site.data() as session:
        row = session.scalars(select(Mail)).one()
        assert row.recipient == "klant@korrel.example"
        assert mail.content_of(row)[0] == "Ref F-9"


def test_everything_that_is_wrong_comes_in_one_answer(program: Program) -> None:
    body = draft(999, due_on="2026-03-01", reference=7)
    body["lines"][0] |= {"vat_code": "NIETS", "quantity": "veel"}
    answer = program.post("/invoices", body)
    assert answer.status_code == 422
    assert {each["field"]: each["code"] for each in answer.json["errors"]} == {
        "reference": "field_type", "lines.0.quantity": "field_amount",
        "relation_id": "field_unknown_id", "due_on": "field_before_issue",
        "lines.0.vat_code": "field_unknown_id",
    }  # fmt: skip


def test_what_vies_has_not_confirmed_waits(program: Program) -> None:
    vat_code(program.site, program.sample, "ICL", "0", VatKind.INTRA_COMMUNITY)
    relation_id = program.relation(vat_number="DE136695976")
    body = draft(relation_id)
    body["lines"][0]["vat_code"] = "ICL"
    made = program.post("/invoices", body).json
    program.post(f"/invoices/{made['id']}/attachments", pdf())
    answer = program.post(f"/invoices/{made['id']}/send", {"number": "F-1"}).json
    assert (answer["state"], answer["number"]) == ("draft", None)
    assert answer["sending"] == {"state": "waiting", "code": "invoice_waits_for_vat"}
    assert answer["vat_proof"] is None
