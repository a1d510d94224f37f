"""How the sandbox serves a demo. Its authority is asked for once it runs."""

from typing import Any

import requests
from sqlalchemy import select

from core.domain.clock import utcnow
from core.plugin.capabilities import Sandbox
from core.plugin.database import session, transaction
from plugins.belastingdienst.channels import routes
from plugins.belastingdienst.channels.digipoort.certificates import SigningCertificate
from plugins.belastingdienst.models import Administration, Certificate, FilingProfile
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.setup import certificate_store, ledgers
from plugins.belastingdienst.setup.administration_setup import connection

_TIMEOUT = 30
_NAME, _CHAMBER = "Demo Handel", "12345678"
_ACCOUNT = "demo-tenant"
_CONTACT = {
    "contact_initials": "D",
    "contact_surname": "Demo",
    "contact_phone": "0201234567",
}
_SERVICE_CODES = ["5"]
"""Of the sandboxes' ledgers, which do not tell it."""


def _environ(address: str) -> dict[str, str]:
    return {
        "DIGIPOORT_ANSWER_HASH": "sha1",
        "DIGIPOORT_DELIVERY_URL": f"{address}/wus/2.0/aanleverservice/1.2",
        "DIGIPOORT_STATUS_URL": f"{address}/wus/2.0/statusinformatieservice/1.2",
        "TAX_VENDOR_NUMBER": "SWO00000",
    }


def _control(address: str, path: str, body: dict[str, str] | None = None) -> Any:
    method = "GET" if body is None else "POST"
    answer = requests.request(
        method, f"{address}/_control/{path}", json=body, timeout=_TIMEOUT
    )
    answer.raise_for_status()
    return answer.json()


def _seed(address: str, tenant_id: int) -> None:
    """Give the tenant a certificate of the sandbox's authority, and what files by it.

    An authority that was made anew (an emptied sandbox) makes the certificate anew.
    """
    authority = _control(address, "authority")
    with transaction():
        certificate = _certificate(address, tenant_id, authority)
        profile = _profile(tenant_id, "Digipoort", DIGIPOORT)
        profile.certificate_id = certificate.id
        for name, (_plugin, route) in routes.all_routes().items():
            _profile(tenant_id, str(route.title), name, _ACCOUNT)
        session().flush()
        profile_id = profile.id
    for ledger in ledgers.all_ledgers():
        _administration(tenant_id, ledger, profile_id)


def _certificate(
    address: str, tenant_id: int, authority: dict[str, str]
) -> Certificate:
    known = session().scalar(
        select(Certificate).where(
            Certificate.tenant_id == tenant_id,
            Certificate.pins == authority["fingerprint"],
        )
    )
    if known is not None and known.expires_at > utcnow():
        return known
    issued = _control(address, "certificate", {"name": _NAME, "serial": _CHAMBER})
    signing = SigningCertificate.from_pem(
        issued["certificate"].encode(), issued["key"].encode()
    )
    return certificate_store.store(
        tenant_id,
        signing,
        user_id=None,
        pins=authority["fingerprint"],
        roots=authority["root"],
    )


def _profile(
    tenant_id: int, title: str, channel: str, account: str = ""
) -> FilingProfile:
    name = f"{title} (sandbox)"
    row = session().scalar(
        select(FilingProfile).where(
            FilingProfile.tenant_id == tenant_id, FilingProfile.name == name
        )
    )
    if row is None:
        row = FilingProfile(
            tenant_id=tenant_id, name=name, channel=channel, account=account
        )
        session().add(row)
    return row


def _administration(tenant_id: int, source: str, profile_id: int) -> None:
    """Make the demo's administration once; what the user changes in it stays."""
    known = select(Administration.id).where(Administration.tenant_id == tenant_id)
    made = connection(tenant_id, source)
    if session().scalar(known.limit(1)) is not None or made is None:
        return
    ledger = ledgers.all_ledgers()[source]
    company = ledger.companies(made)[0]
    number = ledger.tax_number(made, company.id)
    with transaction():
        session().add(
            Administration(
                tenant_id=tenant_id,
                connection_id=made.id,
                profile_id=profile_id,
                source=source,
                company_id=company.id,
                code=company.code,
                description=company.description,
                tax_number=number,
                service_vat_codes=_SERVICE_CODES,
                **_CONTACT,
            )
        )


SANDBOX = Sandbox(port=8107, environ=_environ, seed=_seed)
