"""What the sandbox keeps fits the vendor's own field lists."""

import json
from decimal import Decimal
from typing import Any

import pytest

from plugins.accountview.sandbox import create_app, seed
from tests.shared import shared_file

FILES = {"ADM_LIST": "adm_list", "COMP_HDR": "comp_hdr", "VAT": "vat",
         "TRANSACT": "transact", "CONTACT": "contact"}  # fmt: skip
KINDS: dict[str, tuple[type, ...]] = {
    "C": (str,), "M": (str,), "D": (str,), "T": (str,), "L": (bool,),
    "Y": (Decimal, int), "N": (Decimal, int), "I": (int,), "B": (Decimal,),
}  # fmt: skip


def fits(value: Any, field: dict[str, Any]) -> bool:
    kinds = KINDS[field["FIELD_TYPE"]]
    if isinstance(value, bool) and bool not in kinds:
        return False
    long = field["FIELD_TYPE"] == "C" and len(value) > field["FIELD_LEN"]
    return isinstance(value, kinds) and not long


@pytest.mark.parametrize("table", FILES)
def test_every_row_fits_the_vendors_fields(table: str) -> None:
    path = shared_file(f"contracts/accountview/webapi/fields/{FILES[table]}.json")
    listed = {one["FIELD_NAME"]: one for one in json.loads(path.read_text("utf-8"))}
    with create_app(":memory:").app_context():
        rows = seed.rows(seed.COMPANY, table)
    assert rows
    for row in rows:
        assert set(row) <= set(listed)
        assert [name for name in row if not fits(row[name], listed[name])] == []
