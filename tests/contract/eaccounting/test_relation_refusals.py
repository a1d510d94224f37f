"""What is refused before a write stands in the preview, as the run tells it."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.relations import PostalAddress
from core.models import LineKind, RelationTrouble, RunKind
from core.runtime.database import session
from core.services.syncing import relation_lines, relation_sync
from plugins.eaccounting.relations.package import Relations
from tests.contract.eaccounting.test_relations import OUT, Crm, crm
from tests.unit.eaccounting.test_relation_mapping import SHOP

__all__ = ["crm"]
CUSTOMER = replace(SHOP, creditor_number="")
NOWHERE = {
    name: PostalAddress()
    for name in ("visiting_address", "postal_address", "invoice_address")
}
Refusals = list[tuple[str, dict[str, Any]]]


def _previewed(crm: Crm) -> Refusals:
    """What the preview before the last run left out, and why."""
    session().rollback()
    _run, preview = relation_sync.recent_runs(crm.coupled.package_id, 2)
    assert preview.kind == RunKind.PREVIEW
    lines = relation_lines.page(preview.id, LineKind.LEFT_OUT, 0, 9)
    return [(line.code, line.params) for line in lines]


def _noted() -> Refusals:
    session().rollback()
    rows = session().scalars(select(RelationTrouble))
    return [(row.code, row.params) for row in rows]


@pytest.mark.parametrize("stands", [False, True], ids=["new", "changed"])
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "Handelsonderneming " * 4}, "visma_own_text_too_long"),
        ({"debtor_number": "1" * 17}, "visma_number_too_long"),
        (NOWHERE, "visma_relation_without_postal_code"),
    ],
    ids=["name", "number", "address"],
)
def test_a_preview_says_what_the_run_will(
    crm: Crm, wrong: dict[str, Any], code: str, stands: bool
) -> None:
    relation_id = crm.save(CUSTOMER) if stands else None
    if stands:
        crm.choose(**OUT)
        crm.work()
    crm.save(replace(CUSTOMER, **wrong), relation_id)
    crm.spent()
    crm.choose(**OUT)
    told = _previewed(crm)
    crm.work()
    assert crm.writes() == 0
    assert told == _noted()
    assert [each[0] for each in told] == [code]


def test_a_preview_calls_no_more_for_it(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    relation_id = crm.save(CUSTOMER)
    crm.choose(**OUT)
    crm.work()
    crm.change(relation_id, phone="030 1234567")
    crm.save(replace(CUSTOMER, name="Nieuw", debtor_number="10009"))
    crm.spent()
    crm.choose(**OUT)
    checked = crm.spent()
    monkeypatch.setattr(Relations, "check", lambda *_given: None)
    crm.choose(**OUT)
    assert checked == crm.spent() != {}
