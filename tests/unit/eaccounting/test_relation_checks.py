"""A record that goes back whole fits, also in what is not ours."""

import pytest

from core.domain.errors import AskUser
from plugins.eaccounting.relations.checks import LIMITS, check_lengths
from plugins.eaccounting.relations.mapping import Role


@pytest.mark.parametrize("role", Role)
def test_a_text_that_is_too_long_is_named_and_never_cut(role: Role) -> None:
    most = LIMITS[role]["ContactPersonName"]
    record = {"ContactPersonName": "x" * most, "Note": None}
    check_lengths(record, role)
    with pytest.raises(AskUser) as refused:
        check_lengths({**record, "ContactPersonName": "x" * (most + 1)}, role)
    assert (refused.value.code, refused.value.params) == (
        "visma_text_too_long",
        {"field": "ContactPersonName", "length": str(most + 1), "most": str(most)},
    )
