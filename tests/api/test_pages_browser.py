"""The page of tokens and webhooks, and the page to read the API by, in a browser."""

import pytest
from playwright.sync_api import Page
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.models import WebhookDelivery, WebhookEndpoint
from core.services.api import api_tokens, webhooks_out
from core.services.people import accounts
from tests.api.conftest import shop
from tests.browsing import check
from tests.web.conftest import Site, address, page
from tests.web.samples import Sample
from tests.web.test_browser import sample

__all__ = ["address", "page", "sample"]  # fixtures

PATHS = ["/instellingen/api", "/instellingen/api/webhooks/1", "/api/docs",
         "/koppelingen/ownshop", "/koppelingen/ownshop/instellingen"]  # fmt: skip
LONG = "https://hooks.een-heel-lange-naam-van-een-systeem.example.com/koppelwerk/in"


@pytest.fixture
def filled(site: Site, sample: Sample) -> None:
    """A token, two webhooks in every state, and a shop."""
    tenant_id = sample.tenant.id
    with site.data() as session:
        owner = accounts.find_by_email(sample.owner)
        assert owner is not None
        api_tokens.make(tenant_id, "Ons CRM", api_tokens.SCOPES, user_id=owner.id)
        row, _secret = webhooks_out.add(
            tenant_id, LONG, webhooks_out.EVENTS, user_id=owner.id
        )
        off, _secret = webhooks_out.add(
            tenant_id, "https://example.com/x", ["order.booked"], user_id=owner.id
        )
        off.enabled, off.reason = False, "webhook_gone"
        row.succeeded_at = utcnow()
        webhooks_out.tell(tenant_id, "order.booked", {"id": 1, "number": "E1"})
        webhooks_out.send_test(row)
        first = session.scalars(select(WebhookDelivery.id)).first()
        session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.id == first)
            .values(state="failed", failures=10, last_status=503, answer="Onderhoud")
            .execution_options(synchronize_session=False)
        )
        assert session.get(WebhookEndpoint, row.id)
    shop(site, sample)


def test_pages_fit_a_phone_and_have_no_serious_barriers(
    page: Page, filled: None
) -> None:
    for path in PATHS:
        page.goto(path)
        check(page, path)


def test_a_token_is_made_by_clicking(page: Page, filled: None) -> None:
    page.goto("/instellingen/api")
    page.click("summary:has-text('Nieuw token')")
    page.fill("[name=name]", "Onze webwinkel")
    page.get_by_role("checkbox", name="Bestellingen aanleveren").check()
    page.click("button:has-text('Token maken')")
    page.wait_for_selector("text=Uw nieuwe API-token")
    check(page)
    page.click("text=Ik heb het bewaard")
    page.wait_for_selector("text=Onze webwinkel")
