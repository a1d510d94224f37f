"""A package with customers of its own under the same numbers, as a user meets it."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from playwright.sync_api import Page

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import Connection
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.crm import relations
from tests.browsing import check
from tests.integration.relation_world import BOTH, MadeUp, Record, World, in_place
from tests.web.conftest import Site
from tests.web.samples import Sample
from tests.web.test_browser import sample

__all__ = ["sample"]  # a fixture

MANY = 60
"""More than a page of them; 200 are the same code and three times the time."""


@pytest.fixture
def world(site: Site, sample: Sample) -> Iterator[World]:
    package = MadeUp(whole=True)
    world = World(package, sample.tenant.id, sample.package.id)
    with site.app.app_context(), in_place(package), system_scope():
        for number in range(10_001, 10_001 + MANY):
            theirs = {"name": f"Klant van hen {number}", "phone": "1", "fax": ""}
            package.put("debtor", str(number), theirs, f"R{number}", f"NL{number}")
        with tenant_scope(sample.tenant.id), transaction() as current:
            current.get_one(Connection, sample.package.id).checked_at = utcnow()
            for number in range(10_001, 10_001 + MANY):
                ours = RelationData(
                    False, f"Relatie {number}", debtor_number=str(number),
                    vat_number=f"BE{number}",
                )  # fmt: skip
                relations.save(ours, None)
        world.choose(**BOTH)
        _run(world)
        yield world


def _run(world: World) -> None:
    world.run(by_user=True)
    session().rollback()


def _theirs(world: World) -> dict[str, Record]:
    found = {k: r for k, r in world.package.records_.items() if k.startswith("R")}
    return deepcopy(found)


def test_nothing_of_theirs_changes_without_a_word(page: Page, world: World) -> None:
    before = _theirs(world)
    path = f"/connections/{world.connection_id}/relaties"
    page.goto(path)
    page.wait_for_selector(f"text=Wie is wie: {MANY}")
    check(page, path)
    page.check("[name=paar] >> nth=0")
    page.click("button:has-text('Buiten laten')")
    page.wait_for_selector(f"text=Wie is wie: {MANY - 1}")
    page.check("[name=alle]")
    page.click("button:has-text('Ander nummer')")
    page.wait_for_selector("text=Gekozen: ander nummer")
    _run(world)
    page.goto(f"{path}/buiten-gelaten")
    page.wait_for_selector("button:has-text('Toch meenemen')")
    assert "Klant van hen" in page.content()
    check(page, path)
    page.goto(f"{path}/overschreven")
    check(page, path)
    assert _theirs(world) == before
    made = [r for k, r in world.package.records_.items() if k.startswith("P")]
    assert len({record.number for record in made}) == MANY - 1
    assert not {r.number for r in made} & {r.number for r in before.values()}
