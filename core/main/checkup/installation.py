"""Checks of what stands in the settings and on this machine's disk."""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests

from core.main.checkup.finding import Finding, is_here, is_trial, note
from core.plugin.capabilities import OAuthConnector
from core.plugin.settings import declared
from core.runtime import disk
from core.runtime.extensions import koppelwerk, settings
from core.runtime.settings import Settings
from core.runtime.vault import parse_keys

KEY_FILE = "secret.keys"
LEAST_DIFFERENT_BYTES = 16
"""Of 32 random bytes about thirty differ; so few never do by chance."""
LEAST_TOKEN = 20
ASK_SECONDS = 5
_ONLY_OURS = 0o077
_SAMPLES = (
    "support_email", "mail_from", "seller_name", "seller_address",
    "seller_vat_number", "seller_chamber_number", "seller_iban",
)  # fmt: skip
_FOR_TRIALS = ("demo_pages", "bench_route", "webhooks_to_loopback")


def address() -> Iterator[Finding]:
    """Look at PUBLIC_URL and the proxies, and ask whoever answers there."""
    url = urlsplit(settings().public_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/"):
        yield Finding(
            f"PUBLIC_URL is no address of a site: {settings().public_url}",
            "Set it to scheme and host, such as https://koppelwerk.example.",
        )
        return
    if url.scheme == "http" and not is_trial():
        yield Finding(
            "PUBLIC_URL is http: passwords and sessions would go over an open line",
            "Put a proxy that ends TLS in front (deploy/), and set it to https://.",
        )
    yield from _proxies(url.scheme)
    yield from _answer()


def _proxies(scheme: str) -> Iterator[Finding]:
    trusted = settings().trusted_proxies
    if scheme == "https" and not trusted:
        yield Finding(
            "PUBLIC_URL is https, so a proxy stands in front, but TRUSTED_PROXIES is 0:"
            " all visitors seem to have one address",
            "Set TRUSTED_PROXIES to the number of proxies in front.",
        )
    if trusted and is_trial():
        yield note(
            f"TRUSTED_PROXIES is {trusted}, though PUBLIC_URL is this machine:"
            " without a proxy anybody can choose the address he comes from",
            "Set TRUSTED_PROXIES to 0 where there is none.",
        )


def _answer() -> Iterator[Finding]:
    """Ask the public address as a visitor would."""
    url = f"{settings().public_url.rstrip('/')}/health"
    try:
        answer = requests.get(url, timeout=ASK_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        yield note(
            f"nobody answers at {url} ({type(error).__name__})",
            "Fine before the start; else look at DNS, certificate, proxy and server.",
        )
        return
    if answer.status_code == 400:
        yield Finding(
            f"{url} answers 400: we do not know the host that the proxy names",
            "Let the proxy pass the visitor's Host on, as deploy/nginx.conf does.",
        )
    elif (answer.status_code, answer.text.strip()) != (200, "ok"):
        yield Finding(
            f"{url} answers {answer.status_code}, and not as we do",
            "Let the proxy pass every address on to `flask serve`.",
        )


def keys() -> Iterator[Finding]:
    """Look at the keys that seal what is secret."""
    path = settings().var / KEY_FILE
    if not settings().secret_keys:
        yield from _closed([path], "the secret keys")
        if not is_trial():
            yield note(
                f"the secret keys stand in {path} only: a second host has others, and"
                " with the file all credentials are lost",
                "Set SECRET_KEYS on every host, and keep a copy apart from backups.",
            )
    text = settings().secret_keys or path.read_text(encoding="ascii")
    for name, key in parse_keys(text):
        if len(set(key)) < LEAST_DIFFERENT_BYTES:
            yield Finding(
                f"the secret key {name} is not random",
                "Put a new one before it: id:$(openssl rand -base64 32).",
            )


def files() -> Iterator[Finding]:
    """Look at who may read what we keep: names and addresses are in it."""
    var = settings().var
    if not os.access(var, os.W_OK | os.X_OK):
        yield Finding(f"{var} cannot be written to", f"chown it to user {os.getuid()}.")
        return
    kept = [var, disk.database_file(settings()), settings().mails, var / "redis"]
    yield from _closed([path for path in kept if path], "what we keep")


def _closed(paths: Iterable[Path], what: str) -> Iterator[Finding]:
    for path in paths:
        if not path.exists():
            continue
        found = path.stat()
        if stat.S_IMODE(found.st_mode) & _ONLY_OURS:
            mode = f"{stat.S_IMODE(found.st_mode):o}"
            yield Finding(
                f"others on this machine may read {what}: {path} has mode {mode}",
                f"chmod -R go= {path}",
            )
        if found.st_uid != os.geteuid():
            yield Finding(
                f"{path} is of user {found.st_uid}, and we are {os.geteuid()}",
                f"chown -R {os.geteuid()} {path}, or run this as that user.",
            )


def values() -> Iterator[Finding]:
    """Look at settings that are read, but mean nothing good."""
    own = settings()
    if own.log_level.upper() not in logging.getLevelNamesMapping():
        yield Finding(
            f"LOG_LEVEL is {own.log_level}, which is no level: INFO is used",
            "Set it to DEBUG, INFO, WARNING or ERROR.",
        )
    if own.metrics_token and len(own.metrics_token) < LEAST_TOKEN:
        yield Finding(
            "METRICS_TOKEN can be guessed",
            "Set it to what `openssl rand -hex 32` prints.",
        )
    if own.lease_seconds <= own.send_seconds:
        yield Finding(
            "LEASE_SECONDS is not longer than SEND_SECONDS: a worker may lose a"
            " document while it is being sent",
            "Leave both out, or set LEASE_SECONDS to five times SEND_SECONDS.",
        )
    if is_trial():
        return
    yield from _samples(own)
    for name in _FOR_TRIALS:
        if getattr(own, name):
            yield Finding(f"{name.upper()} is set", "Leave it out: it is for trials.")


def _samples(own: Settings) -> Iterator[Finding]:
    same = [name for name in _SAMPLES if getattr(own, name) == getattr(Settings, name)]
    if same:
        yield Finding(
            f"our own particulars are the sample's: {', '.join(same).upper()}",
            "Set them: they stand on invoices and in mails.",
        )


def plugins() -> Iterator[Finding]:
    """Look at what did not load, and at plugins' settings."""
    registry = koppelwerk().registry
    for name, reason in registry.failed.items():
        yield Finding(
            f"{name} did not load: {reason}",
            f"Mend it (`flask plugins check {name}`), or take its folder away.",
        )
    for name, found in registry.settings.items():
        plugin = registry.get(name)
        is_oauth = isinstance(plugin.connector, OAuthConnector)
        yield from _registration(name, found, is_oauth=is_oauth)
        yield from _unknown(plugin.manifest.settings, found)
        if not is_trial():
            yield from _simulators(found)


def _registration(name: str, found: object, *, is_oauth: bool) -> Iterator[Finding]:
    """Look at our client id and secret at a vendor: both, or neither."""
    texts = {
        each.name: getattr(found, each.name.lower()) for each in declared(type(found))
    }
    for own in [key for key in texts if key.endswith("_CLIENT_ID")]:
        secret = own.removesuffix("_ID") + "_SECRET"
        given = bool(texts[own]), bool(texts.get(secret))
        if given == (True, True):
            continue
        if any(given):
            lacks = secret if given[0] else own
            yield Finding(f"{name}: {lacks} is not set", "Set it, or neither of both.")
        elif is_oauth:
            yield note(
                f"{name} cannot be connected: {own} and {secret} are not set",
                "Register at the vendor and set both, where it is to be used.",
            )


def _unknown(prefixes: Iterable[str], found: object) -> Iterator[Finding]:
    """Look for variables that nobody reads: most are misspelt."""
    known = {each.name for each in declared(type(found))}
    starts = tuple(prefix.upper() for prefix in prefixes)
    for name in sorted(settings().environ):
        if name.startswith(starts) and name not in known:
            yield Finding(f"no setting is called {name}", "See docs/settings.md.")


def _simulators(found: object) -> Iterator[Finding]:
    for each in declared(type(found)):
        value = str(getattr(found, each.name.lower()))
        if each.name.endswith("_URL") and value and is_here(value):
            yield Finding(
                f"{each.name} is an address of this machine: a simulator",
                "Leave it out: the vendor's own address is the default.",
            )
