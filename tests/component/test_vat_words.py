"""Every code that is kept with a document can be told to the user."""

import re

from core.rules.sale_place import SOURCES, Scheme
from core.rules.vat_areas_data import AREAS
from core.texts import vat


def test_every_code_of_a_judgement_has_its_words() -> None:
    assert SOURCES.keys() == vat.RULES.keys()
    assert {each.value for each in Scheme} == vat.SCHEMES.keys()
    assert not vat.SCHEMES.keys() & vat.RULES.keys()
    own = {code for code in AREAS if not re.fullmatch("[A-Z]{2}", code)}
    assert own <= vat.AREAS.keys()
    assert {area.sure for area in AREAS.values()} <= vat.SURE.keys()
