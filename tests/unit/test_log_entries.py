"""What an entry of the log is about, what of it names a person, and what changed."""

import pytest

from core.rules.changes import LONGEST, changes, key
from core.rules.log_subjects import Subject, parted, subject_of


@pytest.mark.parametrize(
    ("code", "of_transfer", "wanted"),
    [
        ("logged_in", False, Subject.LOGIN), ("role_changed", False, Subject.ACCESS),
        ("vat_saved", False, Subject.CONFIGURATION),
        ("vat_number_invalid", True, Subject.ORDER),
        ("connection_paused", False, Subject.CONNECTION),
        ("relations_imported", False, Subject.RELATION),
        ("filing_delivered", False, Subject.DECLARATION),
        ("invoice_made", False, Subject.LICENCE),
        ("licence_resumed", False, Subject.LICENCE),
        ("data_erased", False, Subject.EXPORT),
    ],
)  # fmt: skip
def test_every_entry_has_a_subject(
    code: str, of_transfer: bool, wanted: Subject
) -> None:
    assert subject_of(code, of_transfer=of_transfer, of_invoice=False) == wanted


def test_what_the_buyer_filled_in_stands_apart() -> None:
    values = {"number": "T1", "vat_number": "BE0", "document": "sales_entry"}
    said, personal = parted("vat_number_invalid", values, of_document=True)
    assert said == {"document": "sales_entry"}
    assert personal == {"number": "T1", "vat_number": "BE0"}


def test_names_of_people_stand_apart_and_those_of_administrations_do_not() -> None:
    names = {"name": "x", "plugin": "eaccounting"}
    assert parted("user_removed", names, of_document=False)[1] == {"name": "x"}
    assert parted("connected", names, of_document=False)[1] == {}


def test_a_change_has_old_and_new_values_of_what_differs() -> None:
    found = changes({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4", "d": "5"})
    assert found == [["b", "2", "4"], ["c", "3", ""], ["d", "", "5"]]
    assert changes({}, {"a": "x" * 500}) == [["a", "", "x" * LONGEST]]
    assert key("payment", "A|B") == "payment|A B"
