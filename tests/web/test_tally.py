"""The closing count as its pages show it, and who may see and ask it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.models import Tally, TallyDay
from core.rules.tally import Document, Known, Listed, Part, Sides, count
from core.runtime.database import session as db
from core.services.reporting import tallies
from tests.web.conftest import Site
from tests.web.samples import Sample

ON, MADE = date(2026, 3, 2), datetime(2026, 3, 3, 3, tzinfo=UTC)
VAT = {Decimal(21): Decimal("21.00")}


@pytest.fixture
def sample(site: Site) -> Sample:
    return site.sample()


def keep(site: Site, sample: Sample, *, is_clean: bool) -> str:
    """Keep the count of one day; return the page's address."""
    one = Known("1", "W1", ON, Decimal(121), VAT, Part.BOOKED, external_id="a")
    told = Listed("1", "W1", ON, Decimal(121), Decimal(21))
    total = Decimal(121 if is_clean else 120)
    (day,) = count(Sides([ON], [one], [told], [Document("a", "W1", total, dict(VAT))]))
    owned = {"tenant_id": sample.tenant.id, "coupling_id": sample.coupling.id}
    with site.data() as session:
        session.add(TallyDay(**owned, on_day=ON, made_at=MADE, **tallies.to_data(day)))
        session.add(Tally(**owned, due_at=MADE, made_at=MADE))
    return f"/overzicht/telling/{sample.coupling.id}"


def test_a_clean_month_says_so(site: Site, sample: Sample) -> None:
    address = keep(site, sample, is_clean=True)
    client = site.client(sample.colleague)
    assert "Alles klopt" in client.get(f"{address}?maand=2026-03").text
    assert "Geen verschillen" in client.get("/").text
    assert "nog niets geteld" in client.get(f"{address}?maand=2026-04").text
    assert client.get(f"{address}?maand=onzin").status_code == 200


def test_a_difference_is_named_and_told_on_the_overview(
    site: Site, sample: Sample
) -> None:
    address = keep(site, sample, is_clean=False)
    client = site.client(sample.owner)
    page = client.get(f"{address}?maand=2026-03").text
    assert "In het pakket staat een ander bedrag" in page
    assert "Alles klopt" not in page
    assert "Verschillen op 1 dagen" in client.get("/").text
    assert client.get("/overzicht/telling").status_code == 200


def test_the_statement(site: Site, sample: Sample) -> None:
    address = keep(site, sample, is_clean=False)
    client = site.client(sample.owner)
    answer = client.get(f"{address}.pdf?maand=2026-03")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert client.get(f"{address}.pdf?maand=2026-04").status_code == 303


def test_checking_now_asks_that_month(site: Site, sample: Sample) -> None:
    address = keep(site, sample, is_clean=True)
    client = site.client(sample.owner)
    client.post(f"{address}/controleren", data={"maand": "2026-02"})
    with site.data():
        row = db().scalars(select(Tally)).one()
        assert (row.asked_from, row.asked_to) == (date(2026, 2, 1), date(2026, 2, 28))


def test_another_tenant_sees_nothing(site: Site, sample: Sample) -> None:
    address = keep(site, sample, is_clean=True)
    stranger = site.client(site.sample("Ander", 2).owner)
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}.pdf?maand=2026-03").status_code == 404
    assert stranger.post(f"{address}/controleren").status_code == 404
