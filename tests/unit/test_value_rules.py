"""Values are read: one way of writing where it is certain, else none."""

from time import process_time

import pytest

from core.domain import countries
from core.domain.relations import RelationData
from core.rules import value_rules
from core.rules.relation_fields import flat
from core.rules.relation_headers import values_of
from core.rules.relation_rules import checked
from core.rules.value_rules import says_none

ARABIC = "١٢٣٤٥٦٧٨"


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("onbekend", "DE", None), ("Geen BTW", "NL", None), ("n.v.t.", "NL", None),
        ("/", "BE", None), ("NA", "NL", None), ("vrijgesteld", "NL", None),
        ("BTW NL123456782B90", "NL", "NL123456782B90"),
        ("VAT: NL123456782B90", "BE", "NL123456782B90"),
        ("btw-nr. NL 1234.56.782.B90", "NL", "NL123456782B90"),
        ("TVA BE 0403.019.261", "FR", "BE0403019261"),
        ("TVA BE0403019261", "BE", "BE0403019261"),
        ("USt-IdNr.: DE136695976", "DE", "DE136695976"),
        ("GE123456789", "NL", None), ("GE123456789", "GE", "GE123456789"),
        ("123456789", "GE", None), ("US 12-345", "US", "US12345"),
        ("ON123456", "US", None), ("KZ", "KZ", None), ("NAAMLOOS", "NA", None),
        (f"NL{ARABIC}9B01", "NL", None), ("EL094259216", "NL", "EL094259216"),
        ("094259216", "GR", "EL094259216"), ("GR 094259216", "NL", "EL094259216"),
        ("N° TVA: BE0403019261", "FR", "BE0403019261"),
        ("USt-ID: DE136695976", "NL", "DE136695976"),
        ("P.IVA IT00743110157", "NL", "IT00743110157"),
        ("FR83404833048", "NL", "FR83404833048"),
        ("B58378431", "ES", "ESB58378431"), ("XI980780684", "GB", "XI980780684"),
        ("BE 0428.759.497 RPR Gent", "BE", "BE0428759497"),
        ("BE(0)428.759.497", "BE", "BE0428759497"),
        ("DIČ: CZ25123891", "CZ", "CZ25123891"),
        ("CVR-nr. 13585628", "DK", "DK13585628"),
        ("Momsreg.nr SE556188840401", "SE", "SE556188840401"),
        ("ΑΦΜ 094259216", "GR", "EL094259216"),
        ("IČ DPH SK2022749619", "NL", "SK2022749619"),
        ("N° de TVA intracommunautaire : FR 40 303265045", "NL", "FR40303265045"),
        ("NIP: 856-734-62-15", "PL", "PL8567346215"),
        ("OIB 33392005961", "HR", "HR33392005961"),
        ("ID za DDV: SI50223054", "SI", "SI50223054"),
        ("Y-tunnus 2077474-0", "FI", "FI20774740"),
        ("VAT Registration Number: GB980780684", "GB", "GB980780684"),
        ("Org.nr. 995 525 828 MVA", "NO", "NO995525828MVA"),
        ("CHE-107.787.577 MWST", "CH", "CHE107787577MWST"),
        ("CHE-107.787.578 MWST", "CH", None), ("995 525 829 MVA", "NO", None),
    ],
)  # fmt: skip
def test_a_vat_number_has_a_known_check_or_its_countrys_shape(
    text: str, country: str, number: str | None
) -> None:
    assert value_rules.vat_number(text, country) == number


@pytest.mark.parametrize(
    ("field", "text", "country", "written"),
    [
        ("phone", "06 12345678 (Jan)", "NL", "06 12345678 (Jan)"),
        ("phone", "020-1234567 tst 3", "NL", "020-1234567 tst 3"),
        ("phone", "06–12345678", "NL", "06-12345678"),
        ("phone", "06 12345678 / 020-1234567", "NL", "06 12345678 / 020-1234567"),
        ("phone", "06 12345678 of 020-1234567", "NL", "06 12345678 of 020-1234567"),
        ("phone", "Tel: 020-1234567", "NL", "020-1234567"),
        ("phone", "(020) 1234567", "NL", "(020) 1234567"),
        ("phone", "020-1234567 toestel 12", "NL", "020-1234567 toestel 12"),
        ("phone", "020 7946 0958 ext. 12", "GB", "020 7946 0958 ext. 12"),
        ("phone", "(+31) 6 12345678", "NL", "(+31) 6 12345678"),
        ("phone", "020-1234567, tst 3", "NL", "020-1234567, tst 3"),
        ("phone", "tel:+31-20-1234567;ext=12", "NL", "+31-20-1234567;ext=12"),
        ("phone", "020 123 45 67 #12", "NL", "020 123 45 67 #12"),
        ("phone", "6,12E+08", "NL", None), ("phone", "612345678.0", "NL", None),
        ("phone", "0,612345678", "NL", None),
        ("phone", "bel 's avonds", "NL", None),
        ("phone", "geen", "NL", None), ("phone", ARABIC, "NL", None),
        ("email", "a@voorbeeld.nl\u00a0", "NL", "a@voorbeeld.nl"),
        ("email", "Jan <A@voorbeeld.nl>", "NL", "a@voorbeeld.nl"),
        ("email", "a@voorbeeld.nl;", "NL", "a@voorbeeld.nl"),
        ("email", "GEEN EMAIL", "NL", None), ("email", "a@voorbeeld.nl, x", "NL", None),
        ("website", "https://voorbeeld.nl?x=1", "NL", "https://voorbeeld.nl?x=1"),
        ("website", "voorbeeld.nl#boven", "NL", "voorbeeld.nl#boven"),
        ("website", "nvt", "NL", None), ("website", "zie facebook", "NL", None),
        ("chamber_number", ARABIC, "NL", None), ("chamber_number", "123", "NL", None),
        ("chamber_number", "KvK: 12345678", "NL", "12345678"),
        ("chamber_number", "0403.019.261", "BE", "0403019261"),
        ("chamber_number", "BE 0403.019.261", "BE", "0403019261"),
        ("chamber_number", "HRB 1234 B", "DE", "HRB 1234 B"),
        ("iban", "BE68 5390 0754 7034", "NL", "BE68539007547034"),
        ("iban", "BE68539007547035", "NL", None),
        ("iban", "IBAN NL91 ABNA 0417 1643 00", "NL", "NL91ABNA0417164300"),
        ("bic", "BIC: ABNANL2A", "NL", "ABNANL2A"), ("bic", "ABNAXX2A", "NL", None),
        ("home_address.postal_code", "B 1000", "BE", "1000"),
        ("home_address.postal_code", "BE-2800", "BE", "2800"),
        ("home_address.postal_code", "B–2800", "BE", "2800"),
        ("home_address.postal_code", "6711AA", "NL", "6711 AA"),
        ("home_address.postal_code", "NL-6711 aa", "NL", "6711 AA"),
        ("home_address.postal_code", "D-10115", "DE", "10115"),
        ("home_address.postal_code", "1067", "DE", None),
        ("home_address.postal_code", "104 31", "GR", "104 31"),
        ("home_address.postal_code", "lv-1010", "LV", "LV-1010"),
        ("home_address.postal_code", "sw1a1aa", "GB", "SW1A 1AA"),
        ("home_address.postal_code", "12-a", "CA", "12-A"),
        ("home_address.postal_code", "1001", "US", None),
        ("home_address.postal_code", "10001-1234", "US", "10001-1234"),
        ("home_address.postal_code", "12345", "GB", None),
        ("home_address.postal_code", "bfpo123", "GB", "BFPO 123"),
        ("home_address.postal_code", "je24wd", "JE", "JE2 4WD"),
        ("home_address.postal_code", "EL-10431", "GR", "10431"),
        ("home_address.postal_code", "FL-9490", "LI", "9490"),
        ("chamber_number", "00000000", "NL", None),
        ("chamber_number", "KvK Amsterdam 12345678", "NL", "12345678"),
        ("chamber_number", "428.759.497 RPR Gent", "BE", "0428759497"),
        ("chamber_number", "RPR Gent 0403.019.261", "BE", "0403019261"),
        ("home_address.house_number", "24/3", "BE", "24"),
        ("home_address.country", "Belgique", "NL", "BE"),
        ("home_address.country", "NLD", "BE", "NL"),
        ("home_address.country", "Deutschland", "NL", "DE"),
    ],
)  # fmt: skip
def test_a_value_is_written_one_way_or_has_a_problem(
    field: str, text: str, country: str, written: str | None
) -> None:
    row = {"kind": "person", "name": "X", "home_address.street": "Meir", field: text}
    data, problems = checked(row, country)
    assert (None if field in problems else flat(data)[field]) == written
    assert written is not None or flat(data)[field] == text


def test_of_several_addresses_the_first_counts_and_the_others_are_told() -> None:
    row = {"kind": "person", "name": "X", "email": "a@voorbeeld.nl, B@voorbeeld.nl"}
    data, problems = checked(row)
    assert data.email == "a@voorbeeld.nl"
    assert problems == {"email": "relation_email_several"}
    assert value_rules.email_address(row["email"]) is None


def test_a_number_and_suffix_typed_as_one_stand_in_the_line_as_typed() -> None:
    row = {"kind": "person", "name": "X", "home_address.street": "Meir",
           "home_address.house_number": "24/3"}  # fmt: skip
    data: RelationData = checked(row, "BE")[0]
    assert data.home_address.house_number_suffix == "3"
    assert data.home_address.line == "Meir 24/3"


def test_a_country_has_its_names_in_four_languages_and_two_codes() -> None:
    given = (
        "B",
        "Niederlande",
        "Pays-Bas",
        "UK",
        "XXX",
        "ESP",
        "Belgie",
        "Groot-Brittannie",
        "Czech Republic",
        "les Pays-Bas",
        "U.S.A.",
        "Danmark",
    )
    assert [countries.code_of(name) for name in given] == [
        "", "NL", "NL", "GB", "", "ES", "BE", "GB", "CZ", "NL", "US", "DK"
    ]  # fmt: skip


def test_a_files_word_for_none_says_nothing() -> None:
    columns = ["name", "phone", "vat_number", "email", "website", "city"]
    cells = ["Geen", "n.v.t.", "Geen BTW", "geen e-mail", "/", "nvt"]
    assert values_of(cells, columns) == {"name": "Geen", "city": "nvt"}
    assert not says_none("geen adres")
    assert not says_none("Nee maar")


@pytest.mark.parametrize("piece", ["1", "1.000,", "a@", "NL91", "+31 (0)", "http://"])
def test_a_text_that_is_far_too_long_takes_no_time(piece: str) -> None:
    """A form may hold megabytes of it: each rule is given the beginning."""
    names = ("email", "phone", "vat_number", "iban", "bic", "website", "name")
    long = piece * 100_000
    began = process_time()
    _, problems = checked({"kind": "organisation", **dict.fromkeys(names, long)})
    assert process_time() - began < 1.5
    assert set(names) <= set(problems)
