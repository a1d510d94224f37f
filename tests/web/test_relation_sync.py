"""The section that keeps relations in step: who may do what, and what is shown."""

from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.models import (
    Connection,
    LineKind,
    RelationLine,
    RelationRun,
    RelationSync,
    RelationTrouble,
    RunKind,
    RunState,
)
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.syncing import relation_sync
from tests.web.conftest import Site
from tests.web.samples import Sample

PAGE = "/koppelingen/eaccounting/instellingen"
FORM = {"out": "y", "debtors_as": "organisation", "debtors_type": "client",
        "creditors_as": "organisation", "creditors_type": "vendor", "manager": "",
        "person_name": "full", "payment_terms": ""}  # fmt: skip


def _checked(site: Site, sample: Sample) -> None:
    with site.data() as session:
        session.get(Connection, sample.package.id).checked_at = utcnow()


def _saved(site: Site, sample: Sample) -> str:
    _checked(site, sample)
    client = site.client(sample.owner)
    to = f"/connections/{sample.package.id}/onderdeel/relations"
    answer = client.post(to, data=FORM)
    assert answer.status_code == 303, answer.text
    return f"/connections/{sample.package.id}/relaties"


def test_the_section_appears_after_a_good_check(site: Site) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    assert "Relaties bijwerken" not in client.get(PAGE).text
    status = f"/connections/{sample.package.id}/relaties"
    assert client.get(status).status_code == 404
    _checked(site, sample)
    page = client.get(PAGE).text
    assert "Relaties bijwerken" in page
    for name in ("debtors_in", "creditors_type", "manager", "out", "person_name"):
        assert f'name="{name}"' in page
    assert sample.owner in page  # a relation manager


def test_saving_begins_a_preview_that_compares_everything(site: Site) -> None:
    sample = site.sample()
    _saved(site, sample)
    with site.data() as session:
        row = session.get(Connection, sample.package.id)
        assert row.settings["relations"]["person_name"] == "full"
        run = relation_sync.current_run(row.id)
        assert run is not None
        assert (run.by_user, run.kind) == (True, RunKind.PREVIEW)
        sync = session.get(RelationSync, row.id)
        assert sync.whole_since is not None
        assert sync.needs_preview
    page = site.client(sample.owner).get(PAGE).text
    assert "er wordt niets geschreven" in page
    assert "every 2s" in page


def test_a_colleague_runs_it_but_does_not_save(site: Site) -> None:
    sample = site.sample()
    status = _saved(site, sample)
    colleague = site.client(sample.colleague)
    assert colleague.get(status).status_code == 200
    assert colleague.post(status).status_code == 303
    assert colleague.post(status, data={"toch": "1"}).status_code == 403
    to = f"/connections/{sample.package.id}/onderdeel/relations"
    assert colleague.post(to, data=FORM).status_code == 403


def test_a_stranger_knows_nothing_of_it(site: Site) -> None:
    sample, other = site.sample(), site.sample("Ander", 2)
    status = _saved(site, sample)
    for client, code in ((site.client(other.owner), 404), (site.client(), 303)):
        assert client.get(status).status_code == code
        assert client.post(status).status_code == code


def test_a_manager_of_another_tenant_cannot_be_chosen(site: Site) -> None:
    sample, other = site.sample(), site.sample("Ander", 2)
    _checked(site, sample)
    with site.data() as session:
        foreign = next(u.id for u in session.query(_user()).all()
                       if u.tenant_id == other.tenant.id)  # fmt: skip
    to = f"/connections/{sample.package.id}/onderdeel/relations"
    answer = site.client(sample.owner).post(to, data={**FORM, "manager": str(foreign)})
    assert answer.status_code == 200
    assert "Nog niet opgeslagen" in answer.text


def _user() -> type:
    from core.models import User

    return User


def test_progress_runs_and_troubles_are_shown(site: Site) -> None:
    sample = site.sample()
    status = _saved(site, sample)
    owner = site.client(sample.owner)
    with site.data() as session:
        with tenant_scope(sample.tenant.id):
            made = relations.save(
                RelationData(False, "Bakkerij", debtor_number="7"), None
            )
        owned = {"tenant_id": sample.tenant.id, "connection_id": sample.package.id}
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        run.phase, run.done, run.expected = "writing", 40, 100
        session.add(
            RelationTrouble(
                **owned, relation_id=made.id, role="debtor", number="7",
                code="relation_number_taken",
                params={"names": "Bakkerij", "records": "Smit"},
            )
        )  # fmt: skip
    part = owner.get(status, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "40 van ongeveer 100" in part
    assert 'max="100"' in part
    page = owner.get(status).text
    assert "<html" in page
    assert "Nummer 7 is in het pakket al van een ander." in page
    assert "Wat u kunt doen" in page
    assert "Bakkerij" in page
    with site.data() as session:
        run = session.query(RelationRun).one()
        run.state, run.counts = RunState.DONE, {"made_there": 3, "calls": 9}
    page = owner.get(PAGE).text
    assert "3 in het pakket aangemaakt" in page
    assert "every 2s" not in page.split('id="relations"')[1]


def test_an_implausible_list_is_confirmed_by_who_may_change(site: Site) -> None:
    sample = site.sample()
    status = _saved(site, sample)
    with site.data():
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        run.state, run.code = RunState.FAILED, "relations_list_implausible"
    owner = site.client(sample.owner)
    assert 'name="toch"' in owner.get(status).text
    assert 'name="toch"' not in site.client(sample.colleague).get(status).text
    assert owner.post(status, data={"toch": "1"}).status_code == 303
    with site.data():
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        assert run.trust_absent


def _preview(site: Site, sample: Sample) -> tuple[str, int]:
    """A preview that waits, of sixty lines; gives its address and id."""
    _saved(site, sample)
    with site.data() as session:
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        run.state = RunState.DONE
        owned = {"tenant_id": sample.tenant.id, "run_id": run.id}
        for number in range(60):
            session.add(
                RelationLine(
                    **owned, kind=LineKind.MADE_THERE, role="debtor",
                    number=str(number), name=f"Bakker {number}",
                )
            )  # fmt: skip
        session.add(
            RelationLine(
                **owned, kind=LineKind.OVERWRITTEN, role="debtor", number="77",
                name="Bakkerij", changes={"name": ["Slagerij", "Bakkerij"]},
            )
        )  # fmt: skip
        session.add(
            RelationLine(
                **owned, kind=LineKind.CONFLICT, role="debtor", number="78",
                name="Smit", code="relation_number_taken",
                params={"names": "Smit", "records": "Jansen"},
            )
        )  # fmt: skip
        return f"/connections/{sample.package.id}/relaties/runs/{run.id}", run.id


def test_a_preview_shows_its_totals_and_lines(site: Site) -> None:
    sample = site.sample()
    to, _run_id = _preview(site, sample)
    owner = site.client(sample.owner)
    page = owner.get(to).text
    assert "Nieuw in het pakket 60" in page
    assert "Bakker 49" in page
    assert "Bakker 50" not in page
    assert "Er is nog niets geschreven" in page
    after = page.split("na=")[1].split('"')[0]
    assert "Bakker 50" in owner.get(f"{to}?na={after}").text
    only = owner.get(f"{to}?soort=overwritten").text
    assert ("Slagerij" in only, "Bakker 1" in only) == (True, False)
    only = owner.get(f"{to}?soort=conflict").text
    assert "Nummer 78 is in het pakket al van een ander." in only
    for path in (PAGE, f"{to.rpartition('/runs')[0]}"):
        assert to in owner.get(path).text


def test_who_may_make_the_connection_confirms_its_preview(site: Site) -> None:
    sample, other = site.sample(), site.sample("Ander", 2)
    to, run_id = _preview(site, sample)
    colleague = site.client(sample.colleague)
    assert "Niet nu" in colleague.get(to).text
    assert colleague.post(f"{to}/uitvoeren").status_code == 403
    assert colleague.post(f"{to}/ongedaan").status_code == 403
    for client, code in ((site.client(other.owner), 404), (site.client(), 303)):
        assert client.get(to).status_code == code
        assert client.post(f"{to}/uitvoeren").status_code == code
    owner = site.client(sample.owner)
    assert owner.post(f"{to}/uitvoeren").status_code == 303
    with site.data() as session:
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        assert (run.kind, run.of_run_id) == (RunKind.SYNC, run_id)
        assert run.allowed["made_there"] == 66
        assert not session.get(RelationSync, sample.package.id).needs_preview
    owner.post(f"{to}/uitvoeren")
    assert "Dit voorbeeld geldt niet meer." in owner.get(to).text


def test_a_run_is_undone_from_its_page(site: Site) -> None:
    sample = site.sample()
    to, _run_id = _preview(site, sample)
    owner = site.client(sample.owner)
    owner.post(f"{to}/uitvoeren")
    with site.data() as session:
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        run.state, run.finished_at = RunState.DONE, utcnow()
        made = RelationLine(
            tenant_id=sample.tenant.id, run_id=run.id, kind=LineKind.MADE_THERE,
            role="debtor", number="5", external_id="x", name="Nieuw",
        )  # fmt: skip
        session.add(made)
        done = f"{to.rpartition('/')[0]}/{run.id}"
    assert "U ziet eerst wat er wordt teruggezet." in owner.get(done).text
    listed = owner.post(f"{done}/ongedaan").headers["Location"]
    assert "Overzicht van ongedaan maken" in owner.get(listed).text
    owner.post(f"{done}/ongedaan")
    assert "Er is al een run bezig." in owner.get(done).text
    with site.data() as session:
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        run.state = RunState.DONE
    assert "blijft zoals het is" in owner.get(listed).text
    assert owner.post(f"{listed}/uitvoeren").status_code == 303
    with site.data() as session:
        run = relation_sync.current_run(sample.package.id)
        assert run is not None
        assert run.kind == RunKind.UNDO
        assert session.get(RelationSync, sample.package.id).needs_preview
