"""What the user sees of an order that cannot be read."""

import re

from sqlalchemy import select

from core.models import Connection, ProblemReport, Transfer
from core.services.transfer import unreadable
from tests.web.conftest import Site, site

__all__ = ["site"]


def test_it_stands_under_fouten_with_its_field_and_can_be_reported(site: Site) -> None:
    sample = site.sample()
    with site.data() as session:
        shop = session.get_one(Connection, sample.shop.id)
        unreadable.record_unreadable(shop, "W-77", "storeCredit")
        key = session.scalars(select(Transfer.id)).one()
    client = site.client(sample.owner)
    shown = client.get("/fouten?oorzaak=order_unreadable").text
    assert "W-77" in shown
    detail = client.get(f"/bestelling/{key}").text
    assert "Bestelling W-77 kon niet worden gelezen." in detail
    assert "storeCredit" in detail
    report = client.get(f"/bestelling/{key}/meld")
    assert report.status_code == 200
    digest = re.search(r'name="digest" value="(\w+)"', report.text)
    assert digest is not None
    form = {"message": "Help", "digest": digest[1]}
    client.post(f"/bestelling/{key}/meld", data=form)
    with site.data() as session:
        assert session.scalars(select(ProblemReport)).one().transfer_id == key
