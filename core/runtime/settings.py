"""Settings: the only place that reads environment variables.

Every address defaults to the vendor's production address; `make run` overrides them
with the sandboxes. Unknown values raise at start rather than later.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.domain.errors import KoppelwerkError


class SettingsError(KoppelwerkError):
    """A setting is missing or cannot be read."""


def setting(default: Any, meaning: str) -> Any:
    """Declare a setting with its default and its meaning (shown in the README)."""
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True)
class Settings:
    """All settings; each field is the environment variable of the same name."""

    database_url: str = setting("", "SQLAlchemy address; empty: SQLite in VAR_DIR")
    redis_url: str = setting("", "Redis address; empty: the embedded server's socket")
    var_dir: str = setting("var", "where the embedded parts keep their files")
    secret_keys: str = setting(
        "", "id:base64 AES-256 keys, newest first; empty: made once in VAR_DIR"
    )
    public_url: str = setting("http://127.0.0.1:8000", "address users reach us at")
    log_level: str = setting("INFO", "least level that is logged")

    kmoshops_api_url: str = setting(
        "https://app.ecwid.com/api/v3/", "KMO Shops API (modelled on Ecwid)"
    )
    kmoshops_oauth_url: str = setting("https://my.ecwid.com/api/oauth/", "its OAuth")
    kmoshops_client_id: str = setting("", "our app at KMO Shops")
    kmoshops_client_secret: str = setting("", "its secret; also signs webhooks")
    eaccounting_api_url: str = setting(
        "https://eaccountingapi.vismaonline.com/v2/", "Visma eAccounting API"
    )
    eaccounting_identity_url: str = setting(
        "https://identity.vismaonline.com/connect/", "its OAuth"
    )
    eaccounting_client_id: str = setting("", "our client at Visma")
    eaccounting_client_secret: str = setting("", "its secret")
    eaccounting_app_url: str = setting(
        "https://eaccounting.vismaonline.com/", "where links into the package go"
    )
    eaccounting_calls_per_minute: int = setting(
        600, "Visma's limit per client and endpoint; 0: none"
    )
    eboekhouden_wsdl_url: str = setting(
        "https://soap.e-boekhouden.nl/soap.asmx?WSDL", "e-Boekhouden.nl, its WSDL"
    )
    eboekhouden_soap_url: str = setting(
        "https://soap.e-boekhouden.nl/soap.asmx", "its SOAP interface"
    )
    eboekhouden_rest_url: str = setting(
        "https://api.e-boekhouden.nl/", "its REST interface (Belgium: .be)"
    )
    eboekhouden_calls_per_month: int = setting(
        5000, "its limit per SOAP connection; 0: none"
    )
    digitalefactuur_api_url: str = setting(
        "https://administratie.digitalefactuur.nl/api/", "DigitaleFactuur API"
    )
    vies_url: str = setting(
        "https://ec.europa.eu/taxation_customs/vies/checkVatService.wsdl", "VIES"
    )
    accountview_api_url: str = setting(
        "https://www.accountview.net/api/v3/", "AccountView.Net Web API v3"
    )
    accountview_oauth_url: str = setting(
        "https://www.accountview.net/ams/authorize.aspx", "its OAuth login"
    )
    accountview_client_id: str = setting("", "our application at AccountView.Net")
    accountview_client_secret: str = setting("", "its secret")
    visma_services_url: str = setting(
        "", "activation of Visma services; no public interface, empty: refuse"
    )
    autoreport_url: str = setting(
        "", "Visma.net AutoReport; no public interface, empty: refuse"
    )
    autoreport_token_url: str = setting(
        "https://connect.visma.com/connect/token", "Visma Connect's token address"
    )
    autoreport_client_id: str = setting("", "our client at Visma Connect")
    autoreport_client_secret: str = setting("", "its secret")
    autoreport_scope: str = setting("", "AutoReport's scope; not published")
    digipoort_delivery_url: str = setting(
        "https://wus.digipoort.logius.nl/wus/2.0/aanleverservice/1.2",
        "Digipoort, delivery service",
    )
    digipoort_status_url: str = setting(
        "https://wus.digipoort.logius.nl/wus/2.0/statusinformatieservice/1.2",
        "Digipoort, status service",
    )
    digipoort_pins: str = setting(
        "", "SHA-256 of the certificates Digipoort may sign with; empty: refuse"
    )
    digipoort_roots: str = setting(
        "", "PEM file of the roots behind its TLS certificate, beside the usual ones"
    )
    digipoort_hash: str = setting("sha256", "how we sign: sha256 or sha1")
    digipoort_identity_type: str = setting("Fi", "type of a taxpayer: Fi or BTW")
    tax_vendor_number: str = setting(
        "", "our software number at the tax office, SWOnnnnn; empty: no filing"
    )

    smtp_url: str = setting(
        "", "smtp://user:password@host:port?tls=1; empty: the local catcher"
    )
    mail_from: str = setting("Koppelwerk <info@koppelwerk.example>", "sender of mail")
    support_email: str = setting(
        "support@koppelwerk.example", "where problem reports go"
    )
    trial_days: int = setting(30, "length of a trial (manual 004)")
    price_year: Decimal = setting(Decimal("150.00"), "a licence per year, excl VAT")
    price_installation: Decimal = setting(
        Decimal("39.50"), "an installation by us, excl VAT (manual 004)"
    )
    price_backfill: Decimal = setting(
        Decimal("67.50"), "past orders per 1,000, excl VAT (manual 004)"
    )
    seller_name: str = setting("Koppelwerk B.V.", "our name on our invoices")
    seller_address: str = setting("Voorbeeldstraat 1, 1000 AA Amsterdam", "our address")
    seller_country: str = setting("NL", "our country; decides the VAT we charge")
    seller_vat_number: str = setting("NL000000000B00", "our VAT number")
    seller_chamber_number: str = setting("00000000", "our number at the KvK")
    seller_iban: str = setting("NL00BANK0000000000", "where our invoices are paid")
    metrics_token: str = setting(
        "", "bearer token of /metrics; empty: only from this machine"
    )

    trusted_proxies: int = setting(
        0, "proxies in front whose X-Forwarded-For and -Proto are believed"
    )
    web_workers: int = setting(2, "web server processes")
    drain_threads: int = setting(1, "connections one worker serves at the same time")
    drain_batch: int = setting(50, "documents taken per turn of a connection")
    drain_seconds: int = setting(60, "how long one wake-up keeps draining")
    lease_seconds: int = setting(150, "how long a worker holds a document")
    recheck_seconds: int = setting(
        120, "least time between a send with unknown outcome and its second look-up"
    )
    send_seconds: int = setting(30, "deadline of one outgoing call, all told")
    max_failures: int = setting(5, "failures after which a document asks the user")
    dispatch_seconds: int = setting(10, "how often the clock wakes the dispatcher")
    webhook_window_seconds: int = setting(300, "how old a signed webhook may be")
    webhook_max_bytes: int = setting(65536, "largest webhook body")
    webhooks_to_loopback: bool = setting(
        False, "whether our own webhooks may go to this machine, for trying them out"
    )
    api_calls_per_minute: int = setting(
        600, "calls a minute that one token of the API may make; 0: no limit"
    )
    files_at_once: int = setting(
        3, "files of one tenant that are read and imported at the same time"
    )
    files_bytes_per_day: int = setting(
        200_000_000, "bytes of files that one tenant may give us in a day"
    )
    bench_route: bool = setting(False, "adds the bare route `bench` compares with")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; raise SettingsError naming a value that is wrong."""
        source = os.environ if environ is None else environ
        values = {
            item.name: _parse(item.name, type(item.default), source[name])
            for item in fields(cls)
            if (name := item.name.upper()) in source
        }
        return cls(**values)

    @property
    def var(self) -> Path:
        """The folder of the embedded parts, as an absolute path."""
        return Path(self.var_dir).resolve()

    @property
    def database(self) -> str:
        """The database's address, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.var / 'koppelwerk.db'}"

    @property
    def redis(self) -> str:
        """Redis's address, the embedded default filled in."""
        return self.redis_url or f"unix://{self.var / 'redis.sock'}"

    def secrets(self) -> list[str]:
        """Return the values that must never stand in a log."""
        ends = ("_secret", "_token")
        names = [item.name for item in fields(self) if item.name.endswith(ends)]
        return [value for name in names if (value := getattr(self, name))]


def _parse(name: str, kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() not in ("0", "1", "false", "true", ""):
            raise SettingsError("setting_invalid", name=name, value=text)
        return text.lower() in ("1", "true")
    try:
        return kind(text)
    except (ValueError, ArithmeticError) as error:
        raise SettingsError("setting_invalid", name=name, value=text) from error
