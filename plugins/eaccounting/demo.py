"""How the sandbox package serves a demo: tokens without the login pages."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import requests

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.relations import RelationData
from core.net.oauth import Tokens
from core.plugin.capabilities import Bench, Sandbox
from core.rules.sync import CreateOut, Remote
from plugins.eaccounting.relations.mapping import Role
from plugins.eaccounting.relations.package import Relations

_TIMEOUT = 30


def _environ(address: str) -> dict[str, str]:
    return {
        "EACCOUNTING_API_URL": f"{address}/v2/",
        "EACCOUNTING_IDENTITY_URL": f"{address}/connect/",
        "EACCOUNTING_CLIENT_ID": "koppelwerk-sandbox",
        "EACCOUNTING_CLIENT_SECRET": "sandbox-secret",
    }


def _grant(address: str) -> Tokens:
    answer = requests.post(f"{address}/_control/grant", json={}, timeout=_TIMEOUT)
    answer.raise_for_status()
    given = answer.json()
    return Tokens(
        access_token=given["access_token"],
        refresh_token=given.get("refresh_token"),
        expires_at=utcnow() + timedelta(seconds=int(given["expires_in"])),
        scope=given.get("scope", ""),
    )


def _unlimited(address: str) -> None:
    body = {"calls_per_minute": 0}
    requests.post(f"{address}/_control/settings", json=body, timeout=_TIMEOUT)


def _bare_loop(address: str, count: int) -> float:
    """Post so many sales entries over one kept-alive connection; return seconds."""
    with requests.Session() as http:
        token = _grant(address).access_token
        http.headers["Authorization"] = f"Bearer {token}"
        base = f"{address}/v2"
        customer = http.get(f"{base}/customers?$pagesize=1").json()["Data"][0]
        codes = http.get(f"{base}/vatcodes?$pagesize=1000").json()["Data"]
        high = next(code for code in codes if code["Code"] == "VH")
        start = time.monotonic()
        for number in range(count):
            body = _entry(customer["Id"], high, 1_000_000_000 + number)
            answer = http.post(
                f"{base}/customerledgeritems/customerledgeritemswithvoucher",
                params={"useDefaultVatCodes": "false"},
                json=body,
                timeout=_TIMEOUT,
            )
            answer.raise_for_status()
        return time.monotonic() - start


def _fill_relations(
    address: str, package: Relations, wanted: Sequence[tuple[RelationData, CreateOut]]
) -> list[Remote]:
    """Make customers as `create` does one by one."""
    bodies = [package.new_record(relation, action) for relation, action in wanted]
    answer = requests.post(
        f"{address}/_control/customers",
        data=jsontext.dumps({"customers": bodies}),
        timeout=_TIMEOUT,
    )
    answer.raise_for_status()
    return package.seen(Role.DEBTOR, jsontext.loads(answer.content))


def _entry(customer_id: str, vat_code: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a sales entry of 121 euros, as small as the contract allows."""
    today = utcnow().date().isoformat()
    rows = [
        {"AccountNumber": 1300, "DebitAmount": 121},
        {"AccountNumber": 8000, "CreditAmount": 100, "VatCodeId": vat_code["Id"]},
        {
            "AccountNumber": vat_code["RelatedAccounts"]["AccountNumber1"],
            "CreditAmount": 21,
        },
    ]
    return {
        "CurrencyCode": "EUR",
        "CustomerId": customer_id,
        "DueDate": today,
        "InvoiceDate": today,
        "InvoiceNumber": number,
        "IsCreditInvoice": False,
        "RemainingAmountInvoiceCurrency": 121,
        "RoundingsAmountInvoiceCurrency": 0,
        "TotalAmountInvoiceCurrency": 121,
        "VATAmountInvoiceCurrency": 21,
        "Voucher": {"VoucherDate": today, "VoucherText": "Bench", "Rows": rows},
    }


SANDBOX = Sandbox(
    port=8102,
    environ=_environ,
    grant=_grant,
    bench=Bench(
        unlimited=_unlimited,
        without_limits={"EACCOUNTING_CALLS_PER_MINUTE": "0"},
        bare_loop=_bare_loop,
        fill_relations=_fill_relations,
    ),
)
