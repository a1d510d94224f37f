"""A running sandbox, and a caller that holds every answer against the contract."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from core.domain import jsontext
from plugins.eaccounting.sandbox import create_app
from tests.contract.openapi import OpenApi
from tests.sandboxes import serving
from tests.shared import shared_file

CONTRACT = "contracts/eaccounting/openapi-v2-2026-02-17.yaml"
JUDGED = (200, 201, 400)


class Refused(Exception):
    """The sandbox refused: status and the vendor's error body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.code = body["ErrorCode"]
        self.body = body


class Vendor:
    """Calls the sandbox as a client of one company."""

    def __init__(self, url: str, contract: OpenApi) -> None:
        self.url = url
        self.contract = contract
        self.session = requests.Session()

    def control(self, name: str, body: Any = None, method: str = "POST") -> Any:
        text = jsontext.dumps(body or {}).encode()
        answer = self.session.request(method, f"{self.url}/_control/{name}", data=text)
        assert answer.status_code == 200, answer.text
        return jsontext.loads(answer.content)

    def use(self, company: str = "demo", **grant: Any) -> Any:
        tokens = self.control("grant", {"company": company, **grant})
        self.session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return tokens

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self.session.request(
            method,
            f"{self.url}/v2{path}",
            params=query,
            data=None if body is None else jsontext.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        content = jsontext.loads(answer.content) if answer.content else None
        if answer.status_code in JUDGED and "$select" not in query:
            status = answer.status_code
            self.contract.check_response(method, f"/v2{path}", status, content)
        if answer.status_code >= 400:
            raise Refused(answer.status_code, content)
        return content

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any, **query: Any) -> Any:
        return self.call("POST", path, body, **query)

    def refused(
        self, method: str, path: str, body: Any = None, **query: Any
    ) -> Refused:
        with pytest.raises(Refused) as caught:
            self.call(method, path, body, **query)
        return caught.value

    def find(self, path: str, **wanted: Any) -> Any:
        items = self.get(path, **{"$pagesize": 1000})["Data"]
        for item in items:
            if all(item[key] == value for key, value in wanted.items()):
                return item
        raise AssertionError(f"{wanted} is not in {path}")

    def ledger(self, kind: str) -> Any:
        return self.control(f"ledger?kind={kind}", method="GET")


@pytest.fixture(scope="session")
def contract() -> OpenApi:
    return OpenApi(shared_file(CONTRACT), "/v2")


@pytest.fixture
def vendor(tmp_path: Path, contract: OpenApi) -> Iterator[Vendor]:
    with serving(create_app(tmp_path / "sandbox.db")) as url:
        caller = Vendor(url, contract)
        caller.use()
        yield caller
        caller.session.close()


@pytest.fixture
def make(vendor: Vendor) -> "Maker":
    return Maker(vendor)


class Maker:
    """Makes valid requests; keywords replace or add fields."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor

    def customer(self, **fields: Any) -> Any:
        terms = self.vendor.find("/termsofpayments", Name="14 dagen")
        return {
            "Name": "Sophie Fischer",
            "InvoiceCity": "Amsterdam",
            "InvoicePostalCode": "1000 AA",
            "InvoiceCountryCode": "NL",
            "TermsOfPaymentId": terms["Id"],
            "IsPrivatePerson": True,
            "IsActive": True,
            **fields,
        }

    def add_customer(self, **fields: Any) -> Any:
        return self.vendor.post("/customers", self.customer(**fields))

    def article(self, coding: str = "Goederen 21 %", **fields: Any) -> Any:
        return {
            "Number": "SKU-1",
            "Name": "Overhemd",
            "IsActive": True,
            "CodingId": self.vendor.find("/articleaccountcodings", Name=coding)["Id"],
            "UnitId": self.vendor.find("/units", Code="PCE")["Id"],
            **fields,
        }

    def add_article(self, coding: str = "Goederen 21 %", **fields: Any) -> Any:
        return self.vendor.post("/articles", self.article(coding, **fields))

    def draft(self, customer: Any, rows: list[Any], **fields: Any) -> Any:
        return {
            "CustomerId": customer["Id"],
            "RotReducedInvoicingType": 0,
            "EuThirdParty": False,
            "InvoiceDate": "2010-12-01",
            "Rows": rows,
            **fields,
        }

    def row(self, article: Any, price: Any, quantity: Any = 1, **fields: Any) -> Any:
        return {
            "ArticleId": article["Id"],
            "IsTextRow": False,
            "IsWorkCost": False,
            "ReversedConstructionServicesVatFree": False,
            "UnitPrice": price,
            "Quantity": quantity,
            **fields,
        }

    def order(self, customer: Any, rows: list[Any], **fields: Any) -> Any:
        return {
            "CustomerId": customer["Id"],
            "CurrencyCode": "EUR",
            "OrderDate": "2011-02-03",
            "Status": 1,
            "RotReducedInvoicingType": 0,
            "EuThirdParty": False,
            "ReverseChargeOnConstructionServices": False,
            "Rows": rows,
            **fields,
        }

    def order_row(self, article: Any, price: Any, line: int = 0, **fields: Any) -> Any:
        return {
            "LineNumber": line,
            "ArticleId": article["Id"],
            "IsTextRow": False,
            "IsWorkCost": False,
            "EligibleForReverseChargeOnVat": False,
            "UnitPrice": price,
            "Quantity": 1,
            **fields,
        }
