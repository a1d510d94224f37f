"""Importing relations: upload, columns, what would happen, and writing it once."""

import csv
import io
import re
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import (
    ImportState,
    Relation,
    RelationChange,
    RelationImport,
    RelationImportRow,
)
from core.plugin.engine import wake_due
from core.runtime.tenancy import system_scope
from core.services.crm import relation_import, relations
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_relations import add, stored

HEADER = "Debiteurnummer;Crediteurnummer;Naam;E-mail;Plaats;Telefoon;Relatietype"
FILE = "\n".join(
    (
        HEADER,
        "10001;;Café Zoë;zoe@example.com;Gent;0201111;klant",
        "10002;;De Vries;;Utrecht;;leverancier",
        ";;Zonder nummer;wie@example.com;;;",
        "10003;;Fout;geen adres;;;",
        "10001;;Nog eens;;;;",
        ";;;;Leeg;;",
        "10004;;Vreemd;;;;vriend",
    )
)


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def work(client: Any) -> None:
    """Let the worker go on with every import."""
    with client.application.app_context(), system_scope():
        for key in relation_import.IMPORTS.due_keys(utcnow()):
            relation_import.advance(key)


def upload(client: Any, content: str | bytes, name: str = "relaties.csv") -> str:
    """Send a file and have it read; return its page's address."""
    path = send(client, content, name)
    work(client)
    return path


def send(client: Any, content: str | bytes, name: str = "relaties.csv") -> str:
    """Send a file; return its page's address."""
    data = content.encode() if isinstance(content, str) else content
    answer = client.post(
        "/relaties/importeren",
        data={"bestand": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.text
    return answer.location


def columns(page: str) -> list[str]:
    """Return the fields as the page has guessed them."""
    found = re.findall(r'<select name="kolom".*?</select>', page, re.S)
    chosen = [re.search(r'value="([^"]+)" selected', each) for each in found]
    return [each[1] if each else "" for each in chosen]


def check(client: Any, path: str, **values: Any) -> str:
    """Accept the guessed columns; return the page that says what would happen."""
    chosen = {"kolom": columns(client.get(path).text), "soort": "organisation",
              "type": "to_review", **values}  # fmt: skip
    assert client.post(f"{path}/kolommen", data=chosen).status_code == 303
    work(client)
    return client.get(path).text


def run(client: Any, path: str) -> None:
    """Import what was shown."""
    client.post(f"{path}/uitvoeren")
    work(client)


def load(client: Any, content: str | bytes, name: str = "relaties.csv") -> str:
    """Import a file from upload to end; return its page's address."""
    path = upload(client, content, name)
    check(client, path)
    run(client, path)
    return path


def _counts(site: Site, import_id: int = 1) -> tuple[str, dict[str, int]]:
    with site.data() as session:
        row = session.get(RelationImport, import_id)
        return row.state, row.counts


def _relations(site: Site) -> dict[str, Relation]:
    with site.data() as session:
        return {row.name: row for row in session.scalars(select(Relation))}


def test_the_preview_says_per_row_what_would_happen_and_writes_nothing(
    site: Site, sample: Sample
) -> None:
    add(site, sample, "Oude naam", debtor_number="10002")
    client = site.client(sample.colleague)
    page = check(client, upload(client, FILE))
    wanted = {"made": 2, "changed": 1, "refused": 4}
    assert _counts(site) == (ImportState.CHECKED, wanted)
    assert list(_relations(site)) == ["Oude naam"]
    for words in (
        "Naam: Oude naam → De Vries",
        "E-mailadres: Dit is geen e-mailadres.",
        "staat al in een eerdere regel",
        "Naam: Vul een naam in.",
        "Relatietype: Dit relatietype is er niet.",
    ):
        assert words in page, words
    only = client.get("/relaties/importeren/1?wat=refused").text
    assert "De Vries" not in only


def test_writing_does_what_the_preview_said(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Oude naam", debtor_number="10002", fax="0209999")
    client = site.client(sample.owner)
    load(client, FILE)
    wanted = {"made": 2, "changed": 1, "refused": 4}
    assert _counts(site) == (ImportState.DONE, wanted)
    assert sorted(_relations(site)) == ["Café Zoë", "De Vries", "Zonder nummer"]
    now = stored(site, relation_id)
    assert (now["name"], now["relation_type"], now["fax"]) == (
        "De Vries", "vendor", "0209999"
    )  # fmt: skip
    zoe = _relations(site)["Café Zoë"]
    assert stored(site, zoe.id)["visiting_address.city"] == "Gent"
    with site.data() as session:
        actions = session.scalars(select(RelationChange.action).order_by("id"))
        assert list(actions) == ["made", "imported", "imported", "imported"]


def test_reading_a_file_again_makes_no_duplicates(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    text = f"{HEADER}\n10001;;A;;;;\n;5;B;;;;\n;;C;c@example.com;;;\n;;Geen sleutel;;;;"
    load(client, text)
    with site.data() as session:
        before = session.scalar(select(func.count()).select_from(RelationChange))
    load(client, text)
    assert _counts(site, 2) == (ImportState.DONE, {"same": 4})
    with site.data() as session:
        after = session.scalar(select(func.count()).select_from(RelationChange))
    assert (after, len(_relations(site))) == (before, 4)


@pytest.mark.parametrize(
    ("line", "matched"),
    [
        ("1;;Nieuw;b@example.com;;;", "A"),
        (";2;Nieuw;;;;", "B"),
        (";;Nieuw;C@Example.com;;;", "C"),
        ("9;;Nieuw;c@example.com;;;", "C"),
        ("9;;Nieuw;a@example.com;;;", None),
        (";;Nieuw;;;;", None),
    ],
)
def test_rows_are_matched_by_debtor_creditor_and_then_email(
    site: Site, sample: Sample, line: str, matched: str | None
) -> None:
    ids = {
        "A": add(site, sample, "A", debtor_number="1", email="a@example.com"),
        "B": add(site, sample, "B", creditor_number="2"),
        "C": add(site, sample, "C", email="c@example.com"),
    }
    load(site.client(sample.owner), f"{HEADER}\n{line}")
    changed = {
        name for name, key in ids.items() if stored(site, key)["name"] == "Nieuw"
    }
    assert changed == ({matched} if matched else set())
    assert len(_relations(site)) == (3 if matched else 4)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1;2;Nieuw;;;;", "van verschillende relaties"),
        (";;Nieuw;dubbel@example.com;;;", "Meer relaties hebben dit e-mailadres"),
        (";2;Nieuw;;;;\n1;;Weer;;;;\n3;2;Derde;;;;", ""),
    ],
)
def test_rows_that_could_be_two_relations_are_refused(
    site: Site, sample: Sample, line: str, words: str
) -> None:
    add(site, sample, "A", debtor_number="1", email="dubbel@example.com")
    add(site, sample, "B", creditor_number="2", email="dubbel@example.com")
    client = site.client(sample.owner)
    page = check(client, upload(client, f"{HEADER}\n{line}"))
    assert words in page
    assert (_counts(site)[1].get("refused", 0) == 1) == bool(words)


def test_the_refused_rows_come_back_as_a_file_that_can_be_mended(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    load(client, FILE.replace("Fout", "=1+1"))
    text = client.get("/relaties/importeren/1/geweigerd.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Regel"] for row in rows] == ["5", "6", "7", "8"]
    assert rows[0]["Naam"] == "'=1+1"
    assert "geen e-mailadres" in rows[0]["Waarom geweigerd"]
    mended = text.replace("geen adres", "goed@example.com")
    load(client, mended, "weer.csv")
    assert "=1+1" in _relations(site)


def test_our_own_export_is_read_back_unchanged(site: Site, sample: Sample) -> None:
    add(site, sample, "+31 BV", is_person=False, relation_type="client",
        phone="+31 20 1234567", debtor_number="007")  # fmt: skip
    add(site, sample, "Jansen", is_person=True, gender="f", email="j@example.com")
    client = site.client(sample.owner)
    for kind in ("csv", "xlsx"):
        content = client.get(f"/relaties/export.{kind}").data
        path = load(client, content, f"x.{kind}")
        assert _counts(site, int(path[-1])) == (ImportState.DONE, {"same": 2})


def test_an_excel_file_is_read_and_its_formulas_are_text(
    site: Site, sample: Sample
) -> None:
    book = Workbook()
    for line in (["Naam", "Klantnummer"], ["=1+1", 12], ["B", 13.0]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    load(site.client(sample.owner), out.getvalue(), "x.xlsx")
    found = {name: row.debtor_number for name, row in _relations(site).items()}
    assert found == {"=1+1": "12", "B": "13"}


def test_an_import_goes_on_where_it_was_killed(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relation_import, "BATCH", 2)
    client = site.client(sample.owner)
    lines = "\n".join(f"{n};;Naam {n};;;;" for n in range(1, 8))
    path = upload(client, f"{HEADER}\n{lines}")
    check(client, path)
    saved, save = [], relations.save

    def dies(data: RelationData, *args: Any, **kwargs: Any) -> Relation:
        saved.append(data.name)
        if len(saved) == 4:
            raise KeyboardInterrupt
        return save(data, *args, **kwargs)

    monkeypatch.setattr(relations, "save", dies)
    with pytest.raises(KeyboardInterrupt):
        run(client, path)
    assert sorted(_relations(site)) == ["Naam 1", "Naam 2"]
    assert _counts(site) == (ImportState.WRITING, {"made": 2})
    with site.app.app_context(), system_scope():
        relation_import.advance(1)
    assert _counts(site) == (ImportState.DONE, {"made": 7})
    assert sorted(_relations(site)) == [f"Naam {n}" for n in range(1, 8)]


def test_only_one_worker_holds_an_import(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    path = upload(client, f"{HEADER}\n1;;A;;;;")
    check(client, path)
    with site.data() as session:
        row = session.get(RelationImport, 1)
        relation_import.start(row)
        session.flush()
        assert relation_import.IMPORTS.take(1)
        assert not relation_import.IMPORTS.take(1)
        relation_import.advance(1)
    assert _counts(site)[0] == ImportState.WRITING


def test_a_file_is_left_to_a_task(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(
        relation_import.jobs,
        "wake_after_commit",
        lambda task, argument=0, *, queue: woken.append((task, argument)),
    )
    monkeypatch.setattr(
        relation_import.jobs,
        "wake",
        lambda _queue, task, argument: woken.append((task, argument)),
    )
    client = site.client(sample.owner)
    path = send(client, FILE)
    page = client.get(path).text
    assert "Het bestand wordt gelezen" in page
    assert 'hx-trigger="every 2s"' in page
    assert woken == [("relation_import", 1)]
    with site.app.app_context(), system_scope():
        wake_due([relation_import.DUE], utcnow())
        relation_import.advance(1)
    assert woken == [("relation_import", 1)] * 2
    assert _counts(site)[0] == ImportState.READ


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"kolom": ["name"]}, "kwam niet volledig aan"),
        ({"kolom": ["name", "name"]}, "hoogstens één keer"),
        ({"kolom": ["fax", ""]}, "Kies de kolom met de naam"),
        ({"kolom": ["name", "password"]}, "kwam niet volledig aan"),
    ],
)
def test_columns_are_chosen_once_and_from_the_list(
    site: Site, sample: Sample, chosen: dict[str, Any], words: str
) -> None:
    client = site.client(sample.owner)
    path = upload(client, "Naam;Fax\nA;0201111\n")
    data = {"soort": "person", "type": "client", **chosen}
    client.post(f"{path}/kolommen", data=data)
    assert words in client.get(path).text
    assert _counts(site)[0] == ImportState.READ


def test_columns_can_be_changed_after_the_preview(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    path = upload(client, "Wie;Wat\nA;0201111\n")
    check(client, path, kolom=["name", "fax"])
    client.post(f"{path}/terug")
    check(client, path, kolom=["name", "phone"], soort="person", type="private_client")
    run(client, path)
    assert stored(site, 1) == {
        "kind": "person", "relation_type": "private_client", "name": "A",
        "phone": "0201111",
    }  # fmt: skip


def test_a_file_that_cannot_be_read_says_why(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    page = client.get(upload(client, b"\x00\x01")).text
    assert "kan niet worden gelezen als CSV of Excel" in page
    empty = client.post("/relaties/importeren", data={})
    assert "Kies een bestand." in empty.text


def test_forgetting_a_file_keeps_its_relations(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    path = load(client, f"{HEADER}\n1;;A;;;;")
    client.post(f"{path}/vergeten")
    assert client.get(path).status_code == 404
    assert list(_relations(site)) == ["A"]
    with site.data() as session:
        rows = session.scalar(select(func.count()).select_from(RelationImportRow))
        assert rows == 0


def test_a_row_that_another_one_was_first_with_is_refused_whole(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    path = upload(client, f"{HEADER}\n;8;A;;;;\n9;8;B;;;;")
    check(client, path)
    add(site, sample, "Sneller", debtor_number="9")
    run(client, path)
    assert _counts(site)[1] == {"made": 1, "refused": 1}
    assert sorted(_relations(site)) == ["A", "Sneller"]
