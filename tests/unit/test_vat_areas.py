"""VAT areas by address and day, row by row."""

from datetime import date

import pytest

from core.domain.errors import AskUser
from core.domain.orders import Address
from core.rules import vat_areas_data as data
from core.rules.vat_areas import area_of, number_prefix, stored_as, whole_country
from core.rules.vatrates import MEMBER_STATES

DAY = date(2026, 5, 31)


def area(country: str, postcode: str = "", city: str = "", on: date = DAY) -> str:
    return area_of(Address(country=country, postal_code=postcode, city=city), on).code


OUTSIDE = [
    ("ES", "38001", "Santa Cruz de Tenerife", "IC"), ("ES", "35001", "", "IC"),
    ("ES", "", "Las Palmas de Gran Canaria", "IC"), ("IC", "", "", "IC"),
    ("ES", "51001", "", "ceuta"), ("ES", "52006", "", "melilla"), ("EA", "", "", "EA"),
    ("IT", "23041", "", "livigno"), ("IT", "23030", "LIVIGNO (SO)", "livigno"),
    ("IT", "22061", "", "campione"), ("IT", "22060", "Campione d'Italia", "campione"),
    ("IT", "CH-6911", "Campione", "campione"), ("IT", "47890", "San Marino", "SM"),
    ("IT", "00120", "", "VA"), ("DE", "78266", "", "busingen"),
    ("DE", "D-27498", "", "helgoland"), ("DE", "CH-8238", "Büsingen", "busingen"),
    ("GR", "630 86", "Καρυές", "athos"), ("EL", "63086", "", "athos"),
    ("FI", "22100", "Mariehamn", "AX"), ("FI", "FI-22100", "", "AX"),
    ("AX", "AX-22100", "", "AX"), ("FI", "", "Åland", "AX"),
    ("FR", "97400", "Saint-Denis", "RE"), ("FR", "97110", "", "GP"),
    ("FR", "97133", "", "BL"), ("FR", "97150", "", "MF"), ("FR", "97200", "", "MQ"),
    ("FR", "97300", "", "GF"), ("FR", "97500", "", "PM"), ("FR", "97600", "", "YT"),
    ("FR", "98600", "", "WF"), ("FR", "98713", "", "PF"), ("FR", "98800", "", "NC"),
    *((code, "", "", code) for code in ("GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF",
      "NC", "PF", "WF", "TF", "BQ", "AW", "CW", "SX", "AD", "SM", "VA", "FO", "GL",
      "SJ", "GI", "GG", "JE", "CH", "NO", "US")),
    ("NL", "", "Kralendijk", "BQ"), ("NL", "0000 AA", "Oranjestad", "AW"),
    ("NL", "00000", "Willemstad", "CW"), ("NL", "", "Curaçao", "CW"),
    ("NL", "0000", "St. Maarten", "SX"), ("NL", "", "Philipsburg", "SX"),
    ("DK", "3900", "Nuuk", "GL"), ("DK", "FO-100", "Tórshavn", "FO"),
    ("DK", "800", "Tvøroyri", "FO"), ("GB", "GY1 1AA", "", "GG"),
    ("GB", "je2 3xx", "", "JE"), ("GB", "GX11 1AA", "", "GI"),
    ("GB", "IM1 1AA", "", "IM"), ("IM", "", "", "IM"), ("GB", "SW1A 1AA", "", "GB"),
    ("UK", "SW1A 1AA", "", "GB"), ("CY", "99450", "", "north_cyprus"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "postcode", "city", "expected"), OUTSIDE)
def test_outside_the_vat_area(
    country: str, postcode: str, city: str, expected: str
) -> None:
    found = area_of(Address(country=country, postal_code=postcode, city=city), DAY)
    assert found.code == expected
    assert not found.is_inside(DAY)
    assert found.source
    assert found.sure in ("A", "B", "C", "K")


INSIDE = [
    ("MC", "98000", "MC", "FR"), ("FR", "98000", "MC", "FR"),
    ("FR", "20000", "corsica", "FR"), ("PT", "9000-001", "madeira", "PT"),
    ("PT", "9400", "madeira", "PT"), ("PT", "9500-321", "azores", "PT"),
    ("PT", "9980", "azores", "PT"), ("AT", "6691", "jungholz", "AT"),
    ("AT", "6992", "jungholz", "AT"), ("DE", "87568", "jungholz", "AT"),
    ("GR", "82100", "greek_islands", "GR"), ("GR", "81400", "greek_islands", "GR"),
    ("GB", "BT1 1AA", "northern_ireland", "XI"), ("XI", "", "northern_ireland", "XI"),
    ("EL", "10431", "GR", "GR"), ("ES", "28001", "ES", "ES"),
    ("ES", "07001", "ES", "ES"), ("IT", "23030", "IT", "IT"),
    ("FR", "75001", "FR", "FR"), ("DK", "3700", "DK", "DK"),
    ("FI", "02200", "FI", "FI"), ("NL", "4797 AA", "NL", "NL"),
    ("NL", "1744kd", "NL", "NL"), ("CY", "1010", "CY", "CY"), ("BE", "", "BE", "BE"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "postcode", "expected", "taxed_as"), INSIDE)
def test_inside_the_vat_area(
    country: str, postcode: str, expected: str, taxed_as: str
) -> None:
    city = {"23030": "Valfurva", "4797 AA": "Willemstad", "1744kd": "Sint Maarten"}
    where = Address(country=country, postal_code=postcode, city=city.get(postcode, ""))
    found = area_of(where, DAY)
    assert (found.code, found.country) == (expected, taxed_as)
    assert found.is_inside(DAY)


UNCLEAR = [
    ("IT", "23030", ""), ("IT", "22060", ""), ("NL", "", "Willemstad"),
    ("NL", "", "Sint Maarten"), ("NL", "0000 AA", "Ergens"), ("ES", "", "Ergens"),
    ("FR", "", ""), ("DE", "", "Ergens"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "postcode", "city"), UNCLEAR)
def test_what_the_address_does_not_tell_is_asked(
    country: str, postcode: str, city: str
) -> None:
    with pytest.raises(AskUser, match="vat_area_unclear"):
        area(country, postcode, city)


def test_the_day_decides() -> None:
    last, first = date(2020, 12, 31), date(2021, 1, 1)
    london = Address(country="GB", postal_code="SW1A 1AA")
    for where in (london, Address(country="IM")):
        assert area_of(where, last).is_inside(last)
        assert not area_of(where, first).is_inside(first)
    assert area("GB", "BT1 1AA", on=last) == "GB"
    assert area("GB", "BT1 1AA", on=first) == "northern_ireland"
    assert not whole_country("HR").is_inside(date(2013, 6, 30))
    assert whole_country("HR").is_inside(date(2013, 7, 1))
    assert area("GR", "81400", on=date(2025, 12, 31)) == "GR"


def test_own_rates_have_a_first_day() -> None:
    azores = data.AREAS["azores"]
    assert [str(rate) for rate in azores.own_rates(DAY)] == ["16", "9", "4"]
    assert str(azores.own_rates(date(2021, 6, 30))[0]) == "18"
    assert azores.own_rates(date(2012, 1, 1)) == ()


def test_numbers_begin_as_vies_has_them() -> None:
    found = {each: number_prefix(data.AREAS[each]) for each in ("MC", "athos")}
    assert found == {"MC": "FR", "athos": "EL"}
    assert number_prefix(data.AREAS["northern_ireland"]) == "XI"
    assert number_prefix(whole_country("NL")) == "NL"


def test_every_match_names_an_area_and_every_area_is_matched() -> None:
    named = {match.area for match in data.MATCHES} | data.DUTCH_ISLANDS.keys()
    assert named == data.AREAS.keys()
    known = {*MEMBER_STATES, "XI", "GB"}
    inside = [each for each in data.AREAS.values() if each.inside_from]
    assert all(each.country in known for each in inside)


def test_rates_of_a_country_may_be_those_of_addresses_stored_elsewhere() -> None:
    assert stored_as("FR") >= {"FR", "MC"}
    assert stored_as("GR") == {"GR", "EL"}
    assert stored_as("XI") == {"XI", "GB"}
    assert stored_as("BE") == {"BE"}
