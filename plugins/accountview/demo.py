"""How the sandbox serves a demo. Its authority is asked for once it runs."""

from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import select

from core.domain.clock import utcnow
from core.net.oauth import Tokens
from core.plugin.capabilities import Sandbox
from core.plugin.database import session, transaction
from plugins.accountview import certificate_store
from plugins.accountview.administration_setup import connection
from plugins.accountview.certificates import SigningCertificate
from plugins.accountview.models import Administration, Certificate, FilingProfile
from plugins.accountview.models.administration import FigureSource, ProfileKind

_TIMEOUT = 30
_ID, _SECRET = "koppelwerk-sandbox", "sandbox-secret"
_NAME, _CHAMBER = "Demo Handel", "12345678"
_DIGIPOORT, _AUTOREPORT = "Digipoort (sandbox)", "Visma.net AutoReport (sandbox)"
_VISMA_TENANT = "demo-tenant"
_BOOKS = {
    "company_id": "1000",
    "code": "DEMO2026",
    "description": "Demo Handel 2026",
    "tax_number": "001000044B37",
    "contact_initials": "D",
    "contact_surname": "Demo",
    "contact_phone": "0201234567",
    "service_vat_codes": ["5"],
}
"""The sandbox's administration (its `seed.py`), with what AccountView does not tell."""


def _environ(address: str) -> dict[str, str]:
    return {
        "ACCOUNTVIEW_API_URL": f"{address}/api/v3/",
        "ACCOUNTVIEW_OAUTH_URL": f"{address}/ams/authorize.aspx",
        "ACCOUNTVIEW_CLIENT_ID": _ID,
        "ACCOUNTVIEW_CLIENT_SECRET": _SECRET,
        "VISMA_SERVICES_URL": f"{address}/services/",
        "AUTOREPORT_URL": f"{address}/autoreport/v1/",
        "AUTOREPORT_TOKEN_URL": f"{address}/visma-connect/connect/token",
        "AUTOREPORT_CLIENT_ID": _ID,
        "AUTOREPORT_CLIENT_SECRET": _SECRET,
        "AUTOREPORT_SCOPE": "autoreport",
        "DIGIPOORT_DELIVERY_URL": f"{address}/wus/2.0/aanleverservice/1.2",
        "DIGIPOORT_STATUS_URL": f"{address}/wus/2.0/statusinformatieservice/1.2",
        "TAX_VENDOR_NUMBER": "SWO00000",
    }


def _grant(address: str) -> Tokens:
    answer = requests.post(f"{address}/_control/grant", json={}, timeout=_TIMEOUT)
    answer.raise_for_status()
    given = answer.json()
    return Tokens(
        access_token=given["access_token"],
        refresh_token=given["refresh_token"],
        expires_at=utcnow() + timedelta(seconds=int(given["expires_in"])),
        scope=given["scope"],
    )


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
        profile = _profile(tenant_id, _DIGIPOORT, ProfileKind.DIGIPOORT)
        profile.certificate_id = certificate.id
        _profile(tenant_id, _AUTOREPORT, ProfileKind.AUTOREPORT, _VISMA_TENANT)
        session().flush()
        _administration(tenant_id, profile)


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
    tenant_id: int, name: str, kind: ProfileKind, visma_tenant: str = ""
) -> FilingProfile:
    row = session().scalar(
        select(FilingProfile).where(
            FilingProfile.tenant_id == tenant_id, FilingProfile.name == name
        )
    )
    if row is None:
        row = FilingProfile(
            tenant_id=tenant_id, name=name, kind=kind, visma_tenant=visma_tenant
        )
        session().add(row)
    return row


def _administration(tenant_id: int, profile: FilingProfile) -> None:
    """Make the demo's administration once; what the user changes in it stays."""
    known = select(Administration.id).where(Administration.tenant_id == tenant_id)
    made = connection(tenant_id)
    if session().scalar(known.limit(1)) is not None or made is None:
        return
    session().add(
        Administration(
            tenant_id=tenant_id,
            connection_id=made.id,
            profile_id=profile.id,
            source=FigureSource.ACCOUNTVIEW,
            **_BOOKS,
        )
    )


SANDBOX = Sandbox(
    port=8106,
    environ=_environ,
    grant=_grant,
    seed=_seed,
)
