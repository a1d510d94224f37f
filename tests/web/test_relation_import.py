"""Importing relations: upload, columns, what would happen, and writing it once."""

import csv
import io
import re
from dataclasses import replace
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
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.crm import relation_import, relation_import_rows, relations
from tests import invoices
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
        "10003;;Half;geen adres;;;",
        "10001;;Nog eens;;;;",
        ";;;;Leeg;;",
        "10004;;Vreemd;;;;vriend",
        "100 05;;Spatie;;;;",
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
    add(site, sample, "de vries", debtor_number="10002")
    client = site.client(sample.colleague)
    page = check(client, upload(client, FILE))
    wanted = {"made": 4, "changed": 1, "refused": 3}
    assert _counts(site) == (ImportState.CHECKED, wanted)
    assert list(_relations(site)) == ["de vries"]
    for words in (
        "Naam: de vries → De Vries",
        "E-mailadres: Dit is geen e-mailadres. Niet overgenomen: geen adres",
        "staat al in een eerdere regel: 2.",
        "Naam: Vul een naam in.",
        "Relatietype: Dit relatietype is er niet.",
        "Niet overgenomen: vriend",
        "Debiteurnummer: Een debiteurnummer bestaat uit",
        "Met opmerking 2",
    ):
        assert words in page, words
    only = client.get("/relaties/importeren/1?wat=refused").text
    assert "De Vries" not in only


def test_writing_does_what_the_preview_said(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "de vries", debtor_number="10002", fax="0209999")
    client = site.client(sample.owner)
    load(client, FILE)
    wanted = {"made": 4, "changed": 1, "refused": 3}
    assert _counts(site) == (ImportState.DONE, wanted)
    assert sorted(_relations(site)) == [
        "Café Zoë", "De Vries", "Half", "Vreemd", "Zonder nummer"
    ]  # fmt: skip
    now = stored(site, relation_id)
    assert (now["name"], now["relation_type"], now["fax"]) == (
        "De Vries", "vendor", "0209999"
    )  # fmt: skip
    zoe = _relations(site)["Café Zoë"]
    assert stored(site, zoe.id)["visiting_address.city"] == "Gent"
    with site.data() as session:
        actions = session.scalars(select(RelationChange.action).order_by("id"))
        assert list(actions) == ["made", *["imported"] * 5]


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
        ("1;;Bakkerij Zoet BV;b@example.com;;;", "A"),
        (";2;Bakkerij Zoet BV;;;;", "B"),
        (";;Bakkerij Zoet BV;C@Example.com;;;", "C"),
        ("9;;Bakkerij Zoet BV;c@example.com;;;", "C"),
        ("9;;Bakkerij Zoet BV;a@example.com;;;", None),
        (";;Bakkerij Zoet BV;;;;", None),
    ],
)
def test_rows_are_matched_by_debtor_creditor_and_then_email(
    site: Site, sample: Sample, line: str, matched: str | None
) -> None:
    ids = {
        "A": add(
            site, sample, "Bakkerij Zoet", debtor_number="1", email="a@example.com"
        ),
        "B": add(site, sample, "Bakkerij Zoet", creditor_number="2"),
        "C": add(site, sample, "Bakkerij Zoet", email="c@example.com"),
    }
    load(site.client(sample.owner), f"{HEADER}\n{line}")
    changed = {
        name
        for name, key in ids.items()
        if stored(site, key)["name"] == "Bakkerij Zoet BV"
    }
    assert changed == ({matched} if matched else set())
    with site.data() as session:
        count = session.scalar(select(func.count()).select_from(Relation))
    assert count == (3 if matched else 4)


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
    load(client, FILE.replace("Spatie", "=1+1"))
    text = client.get("/relaties/importeren/1/geweigerd.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Regel"] for row in rows] == ["6", "7", "9"]
    assert rows[2]["Naam"] == "'=1+1"
    assert "zonder spaties" in rows[2]["Waarom geweigerd"]
    mended = text.replace("100 05", "10005")
    load(client, mended, "weer.csv")
    assert "=1+1" in _relations(site)


def test_our_own_export_is_read_back_unchanged(site: Site, sample: Sample) -> None:
    add(site, sample, "'=A1 'x", debtor_number="000")
    add(site, sample, 'Met "haken"; en 1,5E+3', debtor_number="-5")
    add(site, sample, "+31 BV", is_person=False, relation_type="client",
        phone="+31 20 1234567", debtor_number="007")  # fmt: skip
    add(site, sample, "Jansen", is_person=True, gender="f", email="j@example.com")
    client = site.client(sample.owner)
    for kind in ("csv", "xlsx"):
        content = client.get(f"/relaties/export.{kind}").data
        path = load(client, content, f"x.{kind}")
        assert _counts(site, int(path[-1])) == (ImportState.DONE, {"same": 4})


def _xlsx(*lines: list[Any], title: str = "Blad1", **formats: str) -> bytes:
    book = Workbook()
    book.active.title = "Uitleg"
    sheet = book.create_sheet(title)
    for line in lines:
        sheet.append(line)
    for cell, number_format in formats.items():
        sheet[cell].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_excel_file_is_read_as_it_is_seen(site: Site, sample: Sample) -> None:
    """G2, G7: the zeros count, and a formula without an outcome refuses its row."""
    add(site, sample, "Bestaande klant 12", debtor_number="12")
    add(site, sample, "Bestaande klant 00012", debtor_number="00012")
    content = _xlsx(["Naam", "Debiteurnummer"], ["Nieuwe naam", 12],
                    ['=B2&" BV"', 14], B2="00000")  # fmt: skip
    client = site.client(sample.owner)
    page = check(client, upload(client, content, "x.xlsx"))
    assert _counts(site)[1] == {"conflict": 1, "refused": 1}
    assert "Debiteurnummer 00012 is hier van Bestaande klant 00012." in page
    assert "In cel A3 staat een formule zonder opgeslagen uitkomst." in page
    run(client, "/relaties/importeren/1")
    assert sorted(_relations(site)) == ["Bestaande klant 00012", "Bestaande klant 12"]


def test_sheet_and_header_can_be_chosen(site: Site, sample: Sample) -> None:
    content = _xlsx(["Klantenlijst"], [], ["Naam", "Klantnr"], ["A", 1], ["B", 2])
    client = site.client(sample.owner)
    path = upload(client, content, "x.xlsx")
    page = client.get(path).text
    assert "Boven de kopregel staat tekst (regel 1); die is overgeslagen." in page
    assert columns(page) == ["name", "debtor_number"]
    client.post(f"{path}/blad", data={"blad": "Blad1", "kopregel": "4"})
    work(client)
    assert columns(client.get(path).text) == ["", ""]
    client.post(f"{path}/blad", data={"blad": "Uitleg", "kopregel": "4"})
    work(client)
    page = client.get(path).text  # an empty sheet leaves it as it was
    assert "onder de kopregel geen regels" in page
    assert _counts(site)[0] == ImportState.READ
    client.post(f"{path}/blad", data={"blad": "Nergens", "kopregel": "1"})
    assert "kwam niet volledig aan" in client.get(path).text
    client.post(f"{path}/blad", data={"blad": "Blad1", "kopregel": "3"})
    work(client)
    check(client, path)
    run(client, path)
    assert sorted(_relations(site)) == ["A", "B"]


def test_a_broken_file_is_refused_with_its_line(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    path = upload(client, 'Naam;Nr\nA;1\n"B;2\nC;3\nEps "x" y;4\n')
    page = client.get(path).text
    assert "Op regel 3 begint een aanhalingsteken dat niet wordt gesloten" in page
    assert "&#34;B;2" in page
    assert _counts(site)[0] == ImportState.FAILED


CONFLICTS = (
    f"{HEADER}\n12;;Ander BV;;;;\n;;Nog een ander;info@example.com;;;"
    "\n13;;Dertien;;;0201111;\n14;;Veertien;;;;"
)


def _in_conflict(site: Site, sample: Sample) -> Any:
    add(site, sample, "Twaalf", debtor_number="12")
    add(site, sample, "Gedeeld", email="info@example.com")
    client = site.client(sample.owner)
    check(client, upload(client, CONFLICTS))
    assert _counts(site)[1] == {"conflict": 2, "made": 2}
    return client


def test_undecided_conflicts_are_never_written(site: Site, sample: Sample) -> None:
    client = _in_conflict(site, sample)
    run(client, "/relaties/importeren/1")
    assert _counts(site)[1] == {"conflict": 2, "made": 2}
    assert sorted(_relations(site)) == ["Dertien", "Gedeeld", "Twaalf", "Veertien"]


@pytest.mark.parametrize(
    ("choice", "counts", "names"),
    [
        ("same", {"changed": 2, "made": 2}, {"Ander BV", "Nog een ander"}),
        ("other", {"made": 4}, {"Twaalf", "Gedeeld", "Ander BV", "Nog een ander"}),
        ("leave", {"left": 2, "made": 2}, {"Twaalf", "Gedeeld"}),
    ],
)
def test_all_conflicts_are_decided_at_once(
    site: Site, sample: Sample, choice: str, counts: dict[str, int], names: set[str]
) -> None:
    client = _in_conflict(site, sample)
    client.post("/relaties/importeren/1/keuze", data={"keuze": choice})
    work(client)
    assert _counts(site)[1] == counts
    run(client, "/relaties/importeren/1")
    assert _counts(site)[1] == counts
    found = _relations(site)
    assert set(found) == {*names, "Dertien", "Veertien"}
    if choice == "other":  # above the file's own numbers
        assert found["Ander BV"].debtor_number == "15"
        assert found["Nog een ander"].debtor_number is None


@pytest.mark.parametrize(
    ("choice", "numbers"), [("same", ["00012"]), ("other", ["00012", "12"])]
)
def test_a_number_that_lost_its_zeros_is_asked_about(
    site: Site, sample: Sample, choice: str, numbers: list[str]
) -> None:
    add(site, sample, "Bakker", debtor_number="00012")
    client = site.client(sample.owner)
    path = upload(client, f"{HEADER}\n12;;Bakker;;;0201111;\n012;;Slager;;;;")
    page = check(client, path)
    assert "Bakker heeft hier hetzelfde nummer met andere nullen" in page
    assert _counts(site)[1] == {"conflict": 1, "made": 1}
    client.post(f"{path}/keuze", data={"keuze": choice, "regel": "2"})
    run(client, path)
    with site.data() as session:
        found = session.scalars(select(Relation.debtor_number).order_by("id"))
        assert sorted(found) == sorted([*numbers, "012"])


def test_a_suffix_that_is_too_long_does_not_lose_the_row(
    site: Site, sample: Sample
) -> None:
    add(site, sample, "B", debtor_number="2")
    text = "Naam;Klantnr;Straat;Huisnummer\nA;1;Laan;12 achterhuis links\n"
    client = site.client(sample.owner)
    path = upload(client, f"{text}B;2;Laan;12 achterhuis links\n")
    check(client, path)
    run(client, path)
    assert _counts(site)[1] == {"made": 1, "changed": 1}
    assert "visiting_address.house_number" not in stored(site, 1)


def test_what_nobody_saw_is_not_written(site: Site, sample: Sample) -> None:
    relation_id = add(site, sample, "Een", debtor_number="1", phone="0201111")
    client = site.client(sample.owner)
    path = upload(client, f"{HEADER}\n1;;Een;;;0203333;\n2;;Twee;;;0204444;")
    check(client, path)
    with site.data() as session, tenant_scope(sample.tenant.id):
        row = session.get(Relation, relation_id)
        data = relations.data_of(row)
        relations.save(replace(data, phone="0202222"), row)
    add(site, sample, "Twee", debtor_number="2")
    run(client, path)
    assert _counts(site)[1] == {"conflict": 2}
    assert stored(site, relation_id)["phone"] == "0202222"
    assert "Een is na het voorbeeld" in client.get(path).text


def test_a_relation_with_invoices_stays_when_its_import_is_undone(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    path = load(client, f"{HEADER}\n1;;Met factuur;;;;\n2;;Zonder;;;;")
    with site.data() as session, tenant_scope(sample.tenant.id):
        made = select(Relation).where(Relation.debtor_number == "1")
        invoices.draft(sample.tenant, session.scalars(made).one())
    colleague = site.client(sample.colleague)
    assert "Import ongedaan maken" not in colleague.get(path).text
    client = site.client(sample.owner)
    assert "Import ongedaan maken" in client.get(path).text
    client.post(f"{path}/ongedaan")
    work(client)
    page = client.get(path).text
    assert list(_relations(site)) == ["Met factuur"]
    for words in ("Deze import is ongedaan gemaakt", "Ongedaan gemaakt 1",
                  "Blijft staan 1", "Er zijn verkoopfacturen"):  # fmt: skip
        assert words in page, words
    client.post(f"{path}/ongedaan")  # once is all
    assert _counts(site)[0] == ImportState.UNDONE


def test_one_conflict_is_decided_and_decided_again(site: Site, sample: Sample) -> None:
    client = _in_conflict(site, sample)
    path = "/relaties/importeren/1/keuze"
    client.post(path, data={"keuze": "leave", "regel": "2"})
    assert _counts(site)[1] == {"conflict": 1, "made": 2, "left": 1}
    client.post(path, data={"keuze": "same", "regel": "2"})
    client.post(path, data={"keuze": "same", "regel": "4"})  # is not in conflict
    assert _counts(site)[1] == {"conflict": 1, "made": 2, "left": 0, "changed": 1}
    client.post(path, data={"keuze": "iets"})
    page = client.get("/relaties/importeren/1").text
    assert "kwam niet volledig aan" in page
    assert page.count('aria-pressed="true"') == 1


PARTIES = "Debiteurnummer;Naam;KvK-nummer;E-mail;Postcode;Plaats"
NEAR = {
    "written otherwise": (
        ("Bakkerij Zoet B.V.", "", "", "3011 AA"),
        ("BAKKERIJ ZOET BV", "", "", "3011AA"),
        "changed",
    ),
    "renamed, with its KvK": (
        ("Zoet BV", "69599084", "", "3011 AA"),
        ("Zuur BV", "69599084", "", "3011 AA"),
        "changed",
    ),
    "holding and operating company": (
        ("Zoet BV", "", "info@zoet.example", "3011 AA"),
        ("Zoet Holding BV", "", "info@zoet.example", "3011 AA"),
        "conflict",
    ),
    "a namesake in another town": (
        ("Jansen", "", "", "3011 AA"), ("Jansen", "", "", "9711 AB"), "conflict",
    ),
    "who took over the shop": (
        ("Zoet BV", "69599084", "", "3011 AA"),
        ("Zuur BV", "27312152", "", "3011 AA"),
        "conflict",
    ),
    "one mailbox of two": (
        ("Zoet BV", "", "post@accountant.example", ""),
        ("Slagerij Rund", "", "post@accountant.example", ""),
        "conflict",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NEAR)
def test_nearly_the_same_party_under_one_number(
    site: Site, sample: Sample, case: str
) -> None:
    """What is surely one party is changed; of all else a person is asked."""
    ours, theirs, expected = NEAR[case]
    client = site.client(sample.owner)
    for card in (ours, theirs):
        check(client, upload(client, f"{PARTIES}\n77;{';'.join(card)};Stad"))
        if card is ours:
            run(client, "/relaties/importeren/1")
    assert _counts(site, 2)[1] == {expected: 1}
    run(client, "/relaties/importeren/2")
    kept = theirs if expected == "changed" else ours
    assert list(_relations(site)) == [kept[0]]


def test_two_of_one_file_may_share_an_address(site: Site, sample: Sample) -> None:
    client = site.client(sample.owner)
    lines = ";;Bakker;info@example.com;;;\n;;Slager;info@example.com;;;"
    for number in (1, 2):  # and it is read again without doubles
        load(client, f"{HEADER}\n{lines}")
        assert _counts(site, number)[1] == ({"made": 2} if number == 1 else {"same": 2})
    assert sorted(_relations(site)) == ["Bakker", "Slager"]


def test_the_preview_has_the_address_as_it_will_be_stored(
    site: Site, sample: Sample
) -> None:
    client = site.client(sample.owner)
    path = upload(client, "Naam;Adres;Postcode;Tel\nA;Kerkstraat 1 B;3511lx;06 (Jan)\n")
    page = check(client, path)
    for words in ("Bezoekadres: straat: Kerkstraat", "Bezoekadres: huisnummer: 1;",
                  "Bezoekadres: toevoeging: B", "Bezoekadres: postcode: 3511 LX",
                  "Telefoonnummer: Dit is geen telefoonnummer."):  # fmt: skip
        assert words in page, words


def test_an_address_in_an_unknown_country_stays_out_whole(
    site: Site, sample: Sample
) -> None:
    text = "Naam;Postcode;Plaats;Land\nA;12345;Bonn;Duitslnad\n"
    load(site.client(sample.owner), text)
    assert set(stored(site, 1)) == {"kind", "relation_type", "name"}


def test_an_import_goes_on_where_it_was_killed(
    site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relation_import_rows, "BATCH", 2)
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
