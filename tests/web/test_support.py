"""*Meld probleem* with its preview, own reports, and asking for paid work."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import (
    Licence,
    Mail,
    ProblemFile,
    ProblemReport,
    RequestState,
    ServiceRequest,
    StepState,
    TransferState,
)
from core.services.mailing import mail
from core.services.operations import problem_files, support
from tests.web import samples
from tests.web.accounts import operator
from tests.web.conftest import Site
from tests.web.samples import Sample

SECRETS = ("geheim-sleutel-123", "sophie@example.com", "Fischer", "Stationstraat")


@dataclass
class Case:
    """A failed document of a tenant with secrets everywhere."""

    site: Site
    sample: Sample
    transfer_id: int
    client: FlaskClient

    @property
    def path(self) -> str:
        """Where it is reported."""
        return f"/bestelling/{self.transfer_id}/meld"

    def press(self, message: str = "Het lukt niet", **values: Any) -> Any:
        """Read the preview and send it."""
        digest = _digest(self.client.get(self.path).text)
        form = {"message": message, "digest": digest, **values}
        return self.client.post(self.path, data=form)

    def reports(self) -> list[ProblemReport]:
        """All reports there are."""
        with self.site.data() as session:
            query = select(ProblemReport).order_by(ProblemReport.id)
            return list(session.scalars(query))


def _digest(page: str) -> str:
    found = re.search(r'name="digest" value="(\w+)"', page)
    assert found is not None
    return found[1]


def _mails(site: Site) -> list[tuple[str, str, str, str]]:
    """Return recipient, kind, subject and text of every mail."""
    with site.data() as session:
        return [
            (row.recipient, row.kind, *mail.content_of(row))
            for row in session.scalars(select(Mail).order_by(Mail.id))
        ]


@pytest.fixture
def case(site: Site) -> Case:
    sample = site.sample()
    with site.data() as session:
        row = samples.transfer(
            sample, "1001", TransferState.FAILED, "vat_rate_not_configured",
            params={"rate": "21", "country": "NL", "line": "Mand van Sophie Fischer"},
        )  # fmt: skip
        samples.step(row, StepState.REJECTED, '{"access_token": "geheim-sleutel-123"}')
        samples.note(sample, "transfer_done", transfer_id=row.id, number="1001")
        package = session.merge(sample.package)
        package.settings = {"api_key": "geheim-sleutel-123", "currency": "EUR"}
        shop = session.merge(sample.shop)
        shop.facts = {"contact": "sophie@example.com"}
        transfer_id = row.id
    return Case(site, sample, transfer_id, site.client(sample.owner))


def test_the_preview_is_exactly_what_is_stored(case: Case) -> None:
    page = case.client.get(case.path).text
    shown = html.unescape(re.sub(r"<[^>]+>", " ", page))
    case.press()
    content = case.reports()[0].content

    def leaves(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for part in value.values():
                yield from leaves(part)
        elif isinstance(value, list):
            for part in value:
                yield from leaves(part)
        else:
            yield value

    without_log = {key: part for key, part in content.items() if key != "log"}
    texts = {text for text in leaves(without_log) if text}
    assert len(texts) > 40
    squeezed = " ".join(shown.split())
    assert [text for text in texts if " ".join(text.split()) not in squeezed] == []


def test_no_secret_and_no_whole_person_is_in_it(case: Case) -> None:
    case.press()
    stored = jsontext.dumps(case.reports()[0].content)
    page = case.client.get(case.path).text
    mails = "".join(text for *_, text in _mails(case.site))
    for secret in SECRETS:
        assert secret not in stored
        assert secret not in page
        assert secret not in mails
    assert "s***@example.com" in stored
    assert "S***" in stored


def test_the_content_has_what_support_needs(case: Case) -> None:
    with case.site.data() as session:
        session.add(
            Licence(
                tenant_id=case.sample.tenant.id, key="KW-ABCD",
                source_plugin="kmoshops", target_plugin="eaccounting",
                state="trial", ends_on=date(2026, 12, 31),
            )
        )  # fmt: skip
    case.press()
    content = case.reports()[0].content
    assert content["transfer"]["number"] == "1001"
    assert content["transfer"]["code"] == "vat_rate_not_configured"
    assert len(content["order"]["lines"]) == 2
    assert content["steps"][0]["state"] == "rejected"
    assert content["log"][0]["code"] == "transfer_done"
    assert content["couplings"][0]["target"] == "eaccounting"
    assert content["licences"][0]["key"] == "KW-ABCD"
    assert {"koppelwerk", "kmoshops", "eaccounting"} <= set(content["versions"])


def test_pressing_stores_mails_and_logs_it(case: Case) -> None:
    answer = case.press("Het BTW-tarief is toch ingesteld?")
    assert (answer.status_code, answer.location) == (303, "/fouten")
    report = case.reports()[0]
    assert report.message == "Het BTW-tarief is toch ingesteld?"
    assert report.state == RequestState.OPEN
    assert report.user_id is not None
    recipient, kind, subject, text = _mails(case.site)[0]
    assert (recipient, kind) == ("support@koppelwerk.example", "problem_report")
    assert "De Fietsenmaker" in subject
    assert "Het BTW-tarief is toch ingesteld?" in text
    assert f"http://localhost/beheer/meldingen/{report.id}" in text
    page = case.client.get("/meldingen").text
    assert f"nummer {report.id}" in page
    assert "Het BTW-tarief is toch ingesteld?" in page
    assert f"melding {report.id}" in case.client.get("/log").text


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def _picture(name: str = "scherm.png", content: bytes = PNG) -> dict[str, Any]:
    return {"picture": (BytesIO(content), name)}


def test_a_picture_goes_along_and_is_given_to_its_own_only(case: Case) -> None:
    case.press(**_picture("map/scherm.png"))
    with case.site.data() as session:
        file = session.scalars(select(ProblemFile)).one()
        key = file.id
        assert (file.filename, file.media_type) == ("scherm.png", "image/png")
    path = f"/meldingen/bestand/{key}"
    assert path in case.client.get("/meldingen").text
    answer = case.client.get(path)
    assert answer.data == PNG
    assert answer.headers["Content-Disposition"].startswith("attachment")
    stranger = case.site.client(case.site.sample("Ander", 2).owner)
    assert stranger.get(path).status_code == 404
    desk = operator(case.site)
    (report,) = case.reports()
    assert f"/beheer{path}" in desk.get(f"/beheer/meldingen/{report.id}").text
    assert desk.get(f"/beheer{path}").data == PNG
    assert case.client.get(f"/beheer{path}").status_code in (403, 404)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.pdf", b"%PDF-1.7", "Kies een PNG of JPG"),
        ("x.exe", b"MZ", "Kies een PNG of JPG"),
        ("x.png", b"GIF89a", "niet wat .png belooft"),
        ("x.png", b"", "leeg"),
    ],
)
def test_what_is_no_picture_is_refused_with_words(
    case: Case, name: str, content: bytes, said: str
) -> None:
    answer = case.press(**_picture(name, content))
    assert answer.status_code == 200
    assert said in answer.text
    assert case.reports() == []


def test_a_picture_has_a_largest_size() -> None:
    with pytest.raises(AskUser, match="file_too_large"):
        problem_files.checked("x.png", PNG + b"0" * 4_500_000)


def test_pictures_are_forgotten(case: Case) -> None:
    case.press(**_picture())
    for days, left in ((179, 1), (181, 0)):
        with case.site.data() as session:
            problem_files.forget(utcnow() + timedelta(days=days))
            assert len(session.scalars(select(ProblemFile)).all()) == left
    assert len(case.reports()) == 1


def test_the_owner_reads_plain_dutch_above_the_technical_part(case: Case) -> None:
    page = html.unescape(case.client.get(case.path).text)
    plain = page[page.index('class="sent"') : page.index("Technische gegevens")]
    for text in ("Niet doorgezet", "€\xa072,80", "Nederland", "Besteld op"):
        assert text in plain
    for text in ("failed", "vat_rate_not_configured", "+00:00", "72.80", ">NL<"):
        assert text not in plain


def test_a_second_press_adds_to_the_open_report(case: Case) -> None:
    case.press("Eerst")
    case.press("Nog iets")
    (report,) = case.reports()
    assert report.message.startswith("Eerst\n\n[")
    assert report.message.endswith("Nog iets")
    assert len(_mails(case.site)) == 2
    with case.site.data() as session:
        session.get(ProblemReport, report.id).state = RequestState.CLOSED
    case.press("Weer mis")
    assert [row.message for row in case.reports()][1:] == ["Weer mis"]


def test_what_changed_since_the_preview_is_shown_first(case: Case) -> None:
    digest = _digest(case.client.get(case.path).text)
    with case.site.data():
        samples.note(
            case.sample, "retry_pressed", transfer_id=case.transfer_id, number="1001"
        )
    form = {"message": "Hallo daar", "digest": digest}
    answer = case.client.post(case.path, data=form)
    assert answer.status_code == 200
    assert "Er is net iets veranderd" in answer.text
    assert "Hallo daar" in answer.text
    assert case.reports() == []
    form["digest"] = _digest(answer.text)
    assert case.client.post(case.path, data=form).status_code == 303
    assert len(case.reports()[0].content["log"]) == 2


def test_without_words_nothing_is_sent(case: Case) -> None:
    answer = case.press("")
    assert answer.status_code == 200
    assert 'class="error"' in answer.text
    assert case.reports() == []
    assert case.press("x" * 5001).status_code == 200
    assert case.reports() == []


def test_a_stuck_installation_can_be_reported(case: Case) -> None:
    page = case.client.get("/meld").text
    form = {"message": "Ik kom niet verder", "digest": _digest(page)}
    assert case.client.post("/meld", data=form).status_code == 303
    (report,) = case.reports()
    assert report.transfer_id is None
    assert len(report.content["connections"]) == 2
    assert "transfer" not in report.content


def test_a_colleague_may_report_but_not_buy(case: Case) -> None:
    colleague = case.site.client(case.sample.colleague)
    form = {"message": "Ook mis", "digest": _digest(colleague.get(case.path).text)}
    assert colleague.post(case.path, data=form).status_code == 303
    assert colleague.get("/diensten").status_code == 403
    assert colleague.post("/diensten").status_code == 403


def test_another_tenant_sees_nothing_of_it(case: Case) -> None:
    case.press("Geheime klacht")
    stranger = case.site.client(case.site.sample("Ander", 2).owner)
    assert stranger.get(case.path).status_code == 404
    assert stranger.post(case.path, data={"message": "x"}).status_code == 404
    assert "Geheime klacht" not in stranger.get("/meldingen").text


def test_text_of_outside_is_never_markup(case: Case) -> None:
    with case.site.data():
        row = samples.transfer(
            case.sample, "<b>2</b>", TransferState.FAILED, "order_empty",
            order_values={"description": "<script>alert(1)</script>"},
        )  # fmt: skip
        other = Case(case.site, case.sample, row.id, case.client)
    other.press("<img src=x>")
    for path in (other.path, "/meldingen"):
        page = case.client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert "<b>2" not in page


def test_reports_are_limited_per_day(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support, "MOST_PER_DAY", 2)
    for _ in range(3):
        case.press("Alweer")
    assert case.reports()[0].message.count("Alweer") == 2
    assert len(_mails(case.site)) == 2


def test_paid_work_is_asked_for_with_its_price(case: Case) -> None:
    page = case.client.get("/diensten").text
    assert "39,50" in page
    assert "67,50" in page
    form = {"kind": "backfill", "remark": "Van 1 januari tot 1 mei", "agreed": "y"}
    answer = case.client.post("/diensten", data=form)
    assert (answer.status_code, answer.location) == (303, "/diensten")
    with case.site.data() as session:
        (row,) = session.scalars(select(ServiceRequest)).all()
        assert row.price_excl_vat == Decimal("67.50")
        assert (row.kind, row.state) == ("backfill", "open")
    recipient, kind, _, text = _mails(case.site)[0]
    assert (recipient, kind) == ("support@koppelwerk.example", "service_request")
    assert "Van 1 januari tot 1 mei" in text
    assert "67,50" in text
    case.client.post("/diensten", data=form)
    with case.site.data() as session:
        assert len(session.scalars(select(ServiceRequest)).all()) == 1
    assert "67,50" in case.client.get("/diensten").text


@pytest.mark.parametrize(
    "form",
    [{}, {"kind": "backfill"}, {"kind": "gratis", "agreed": "y"}, {"agreed": "y"}],
)
def test_paid_work_needs_a_choice_and_agreement(
    case: Case, form: dict[str, str]
) -> None:
    assert case.client.post("/diensten", data=form).status_code == 200
    with case.site.data() as session:
        assert session.scalars(select(ServiceRequest)).all() == []
