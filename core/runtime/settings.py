"""The core's settings: the only place, with the plugins' own, that reads environment
variables.

Unknown values raise at start rather than later. What is not the core's is kept for the
plugins, which read their own settings from it (`core.plugin.settings`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from core.plugin.settings import declared, read, setting

MAILS = "mails"
"""The name under which DEMO_PAGES has the page of the mail catcher, and its folder."""


@dataclass(frozen=True)
class Settings:
    """Each field but the last is the environment variable of the same name."""

    database_url: str = setting("", "SQLAlchemy address; empty: SQLite in VAR_DIR")
    redis_url: str = setting("", "Redis address; empty: the embedded server's socket")
    var_dir: str = setting("var", "where the embedded parts keep their files")
    secret_keys: str = setting(
        "", "id:base64 AES-256 keys, newest first; empty: made once in VAR_DIR"
    )
    public_url: str = setting("http://127.0.0.1:8000", "address users reach us at")
    log_level: str = setting("INFO", "least level that is logged")

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
    mails_per_day: int = setting(
        500, "mails in its own words that a tenant may send in a day"
    )
    mails_per_day_trial: int = setting(40, "the same while it pays for nothing")
    mails_to_strangers: int = setting(
        50, "of them to other addresses than the relation's own"
    )
    mails_to_strangers_trial: int = setting(8, "the same while it pays for nothing")
    metrics_token: str = setting(
        "", "bearer token of /metrics; empty: only from this machine"
    )

    disk_least_mb: int = setting(
        100, "room on a disk below which nothing more is taken in or picked up"
    )
    trusted_proxies: int = setting(
        0, "proxies in front whose X-Forwarded-For and -Proto are believed"
    )
    web_workers: int = setting(2, "web server processes")
    web_threads: int = setting(1, "requests that one of them handles at the same time")
    request_seconds: int = setting(
        60, "how long a request may take to come in, head and body"
    )
    drain_threads: int = setting(1, "connections one worker serves at the same time")
    drain_batch: int = setting(50, "documents taken per turn of a connection")
    drain_seconds: int = setting(60, "how long one wake-up keeps draining")
    lease_seconds: int = setting(150, "how long a worker holds what it works on")
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
    demo_pages: str = setting(
        "", "a demo's outside pages, name=address with spaces between; empty: no demo"
    )
    bench_route: bool = setting(False, "adds the bare route `bench` compares with")

    environ: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    """The environment beside the settings above."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings; raise SettingsError naming a value that is wrong."""
        source = os.environ if environ is None else environ
        own = {item.name for item in declared(cls)}
        others = {name: text for name, text in source.items() if name not in own}
        return cls(**read(cls, source), environ=others)

    def as_environ(self) -> dict[str, str]:
        """Return what gives a child process these settings."""
        values = {
            name: str(getattr(self, name.lower()))
            for name, default in (
                (item.name, item.default) for item in declared(type(self))
            )
            if str(getattr(self, name.lower())) != default
        }
        return {**self.environ, **values}

    def with_environ(self, environ: Mapping[str, str]) -> "Settings":
        """Return the same settings with variables of the plugins added."""
        return replace(self, environ={**self.environ, **environ})

    @property
    def demo_addresses(self) -> dict[str, str]:
        """The addresses of a demo's outside pages, by name; none outside a demo."""
        return dict(page.split("=", 1) for page in self.demo_pages.split())

    @property
    def var(self) -> Path:
        """The folder of the embedded parts, as an absolute path."""
        return Path(self.var_dir).resolve()

    @property
    def mails(self) -> Path:
        """The folder of the mails that the local catcher keeps."""
        return self.var / MAILS

    @property
    def database(self) -> str:
        """The database's address, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.var / 'koppelwerk.db'}"

    @property
    def redis(self) -> str:
        """Redis's address, the embedded default filled in."""
        return self.redis_url or f"unix://{self.var / 'redis.sock'}"
