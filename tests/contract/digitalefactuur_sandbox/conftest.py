"""The sandbox as a vendor's client sees it."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from core.domain import jsontext
from plugins.digitalefactuur.sandbox import create_app
from tests.shared import shared_file

CUSTOMER = "<klant><type>debiteur</type><naam>Jansen</naam></klant>"
INVOICE = (
    "<factuur><klant_naam>Jansen</klant_naam><klant_email>a@example.nl</klant_email>"
    "<update_klanten_veld>email</update_klanten_veld>"
    "<factuurdatum>02-06-2026</factuurdatum><factuurregel><aantal>1.00</aantal>"
    "<omschrijving>Hosting</omschrijving><prijs>40.000</prijs><btw>0.210</btw>"
    "</factuurregel></factuur>"
)
PRODUCT = "<product><naam>Hosting</naam><prijs>10.50</prijs><btw>21</btw></product>"


class Vendor:
    """Calls the sandbox by its addresses; every vendor answer has status 200."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        self.place = "/api/4711/sandbox-toegangscode"

    def get(self, action: str) -> str:
        answer = self.browser.get(f"{self.place}/{action}")
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def post(self, action: str, xml: str | None) -> str:
        data = {} if xml is None else {"xml": xml}
        answer = self.browser.post(f"{self.place}/{action}", data=data)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def control(self, name: str, body: Any = None) -> Any:
        answer = self.browser.post(f"/_control/{name}", data=jsontext.dumps(body or {}))
        assert answer.status_code == 200
        return jsontext.loads(answer.data)

    def records(self, action: str) -> list[dict[str, str]]:
        root = etree.fromstring(self.get(action).encode())
        return [{str(one.tag): one.text or "" for one in record} for record in root]

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        answer = self.browser.get(f"/_control/ledger?kind={kind}")
        return list(jsontext.loads(answer.data))


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return Vendor(create_app(tmp_path / "sandbox.db").test_client())


def sample(name: str, **values: str) -> str:
    """Return a sample of the vendor with some of its top elements changed."""
    root = etree.parse(shared_file(f"contracts/digitalefactuur/{name}.xml")).getroot()
    for tag, text in values.items():
        found = root.find(tag)
        assert found is not None, tag
        found.text = text
    return etree.tostring(root, encoding="unicode")
