"""`flask keys`: everything is sealed anew, whoever is killed, and logins survive."""

import multiprocessing
import os
import re
import signal
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import LargeBinary, func, select

from core.main.app import create_app
from core.models import (
    Base,
    ConnectionChoice,
    Credential,
    Mail,
    MailAttachment,
    User,
    WebhookEndpoint,
)
from core.models.base import SEALED
from core.net.http import probe
from core.net.oauth import Tokens
from core.plugin.mail import Attachment
from core.runtime import key_file
from core.runtime.database import session, transaction
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.runtime.vault import KEY_BYTES, new_key, parse_keys, signing_key
from core.services.api import webhooks_out
from core.services.connections import credentials
from core.services.linking import choosing
from core.services.mailing import mail
from core.services.operations import resealing
from core.services.people import two_factor
from plugins.belastingdienst.models import Certificate
from plugins.belastingdienst.setup import certificate_store
from tests.web.conftest import Site
from tests.web.samples import Sample

PLAIN = {
    "belastingdienst_evidence.content",
    "belastingdienst_filing.content",
    "invoice_attachment.content",
    "peppol_evidence.content",
    "peppol_received.content",
    "peppol_rules.content",
    "peppol_sending.content",
    "problem_file.content",
    "relation_import.content",
}
"""Columns of bytes that are no secrets."""
TOKEN, ANSWER = "a-token-from-outside", "Uw nieuwe wachtwoord is kaas"
FILES = [Attachment(f"{name}.pdf", "application/pdf", b"%PDF" + name.encode())
         for name in ("een", "twee")]  # fmt: skip


def test_every_column_of_bytes_is_a_secret_or_known_not_to_be_one(app: Flask) -> None:
    columns = {
        str(column): SEALED in column.info
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert {name for name, is_sealed in columns.items() if not is_sealed} == PLAIN
    sealed = {resealing.name_of(column) for column in resealing.sealed_columns()}
    assert sealed == set(columns) - PLAIN


def _fill(sample: Sample) -> None:
    """Put a secret in each place, by the services that do so."""
    seal = koppelwerk().vault.seal
    with transaction() as current:
        tokens = Tokens(access_token=TOKEN)
        credentials.store(sample.shop, tokens)
        choosing._keep(sample.package, [], tokens)
        mail.queue(
            "a@example.com",
            "problem_answer",
            language="nl",
            tenant_id=None,
            report="7",
            name="",
            message="m",
            answer=ANSWER,
            attachments=FILES,
        )
        user = current.scalars(select(User).where(User.email == sample.owner)).one()
        endpoint, _ = webhooks_out.add(
            sample.tenant.id, "https://example.com/a", [], user_id=user.id
        )
        webhooks_out.rotate(endpoint)
        two_factor.begin(user)
        certificate = Certificate(
            tenant_id=sample.tenant.id,
            subject="s",
            expires_at=endpoint.previous_until,
            secret=b"",
        )
        current.add(certificate)
        current.flush()
        certificate.secret = seal(
            "pem", context=certificate_store._context(certificate)
        )


def _read(sample: Sample) -> list[object]:
    """Return every secret, by the services that open it."""
    current = session()
    user = current.scalars(select(User).where(User.totp_secret.is_not(None))).one()
    endpoint = current.scalars(select(WebhookEndpoint)).one()
    choice = current.scalars(select(ConnectionChoice)).one()
    letter = current.scalars(select(Mail)).one()
    certificate = current.scalars(select(Certificate)).one()
    found = [
        credentials.load(sample.shop),
        choosing._opened(choice),
        mail.content_of(letter),
        *mail.attachments_of(letter),
        two_factor.secret_of(user),
        *webhooks_out.keys_of(endpoint, endpoint.created_at),
        koppelwerk().vault.open(
            certificate.secret, context=certificate_store._context(certificate)
        ),
    ]
    current.rollback()
    current.expunge_all()
    return found


def test_what_the_database_holds_tells_no_secret(site: Site) -> None:
    """So does a dump or a backup of it; the keys stand elsewhere."""
    with site.data():
        sample = site.sample()
        _fill(sample)
        user = session().scalars(select(User).where(User.email == sample.owner)).one()
        endpoint = session().scalars(select(WebhookEndpoint)).one()
        keys = webhooks_out.keys_of(endpoint, endpoint.created_at)
        secrets = [TOKEN, ANSWER, "%PDFeen", two_factor.secret_of(user)]
        secrets += [b64encode(key).decode() for key in keys]
        session().commit()
        with db.engine.connect() as connection:
            held = "\n".join(
                str(row)
                for table in Base.metadata.sorted_tables
                for row in connection.execute(select(table))
            )
    assert sample.owner in held
    assert len(secrets) == 6
    for secret in secrets:
        assert secret not in held


def _run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["keys", *words])


@pytest.fixture
def filled(site: Site) -> Iterator[tuple[Sample, list[object]]]:
    sample = site.sample()
    with site.app.app_context(), system_scope():
        _fill(sample)
        yield sample, _read(sample)


def _with_keys(settings: Settings, keys: str) -> Flask:
    return create_app(replace(settings, secret_keys=keys))


def test_everything_is_sealed_anew_and_the_old_key_can_go(
    site: Site, settings: Settings, filled: tuple[Sample, list[object]]
) -> None:
    sample, before = filled
    old = key_file.read(settings.var)
    made = _run(site.app, "new")
    assert made.exit_code == 0, made.output
    both = key_file.read(settings.var)
    newest = both.partition(",")[0]
    assert both == f"{newest},{old}"
    assert newest not in made.output  # only its id
    again = create_app(settings)
    with again.app_context(), system_scope():
        assert "secrets under it: 9" in _run(again, "status").output
        done = _run(again, "rotate", "--yes")
        assert done.exit_code == 0, done.output
        assert "sealed anew: 9" in done.output
        assert "opens nothing any more" in done.output
        assert resealing.reseal() == 0
    alone = _with_keys(settings, newest)
    with alone.app_context(), system_scope():
        assert _read(sample) == before
        db.session.remove()
    # Who runs on and read the keys before the new one came finds it in the file.
    assert _read(sample) == before


def test_what_does_not_open_is_named_and_left(
    settings: Settings, filled: tuple[Sample, list[object]]
) -> None:
    other = _with_keys(settings, new_key())
    with other.app_context(), system_scope():
        said = _run(other, "rotate", "--yes")
    assert said.exit_code == 1
    assert "sealed anew: 0" in said.output
    place = f"tenant:{filled[0].tenant.id}/credential/{filled[0].shop.id}/secret"
    assert place in said.output
    assert _read(filled[0]) == filled[1]


def test_it_asks_whether_everybody_knows_the_newest_key(site: Site) -> None:
    with site.app.app_context():
        refused = site.app.test_cli_runner().invoke(args=["keys", "rotate"], input="n")
    assert refused.exit_code == 1
    assert "started again" in refused.output
    assert "sealed anew" not in refused.output


def test_where_the_keys_are_settings_a_new_one_is_printed(settings: Settings) -> None:
    app = _with_keys(settings, new_key())
    with app.app_context():
        said = _run(app, "new").output
    ((_, key),) = parse_keys(said.splitlines()[0])
    assert len(key) == KEY_BYTES
    assert not (settings.var / key_file.NAME).exists()


def _killed_after(batches: int, work: Callable[[], object]) -> None:
    """Do it in a child that dies by SIGKILL after so many batches."""

    def run() -> None:
        seen: list[str] = []

        def count(point: str) -> None:
            seen.append(point)
            if seen.count("resealed a batch") == batches:
                os.kill(os.getpid(), signal.SIGKILL)

        db.engine.dispose(close=False)
        db.session.remove()
        probe.listener = count
        work()

    db.session.remove()
    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL


def test_killed_in_the_middle_everything_opens_and_the_next_one_ends_it(
    settings: Settings,
    filled: tuple[Sample, list[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample, before = filled
    monkeypatch.setattr(resealing, "BATCH", 1)
    key_file.add(settings.var, new_key())
    app = create_app(settings)
    with app.app_context(), system_scope():
        newest, older = koppelwerk().vault.key_ids
        for _ in range(2):
            _killed_after(2, resealing.reseal)
        found = resealing.standing()
        assert (found.under(newest), found.under(older)) == (4, 5)
        assert not found.closed
        assert _read(sample) == before
        assert resealing.reseal() == 5
        assert _read(sample) == before
        db.session.remove()


def test_what_changes_meanwhile_is_not_put_back(
    settings: Settings,
    filled: tuple[Sample, list[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tokens that were renewed between the look and the write stay."""
    sample, _ = filled
    key_file.add(settings.var, new_key())
    app = create_app(settings)
    fresh = Tokens(access_token="nieuwer")
    opened = resealing._opened

    def meanwhile(value: bytes, place: str) -> bytes | None:
        found = opened(value, place)
        if "/credential/" in place:
            credentials.store(sample.shop, fresh)
            session().flush()
        return found

    with app.app_context(), system_scope():
        monkeypatch.setattr(resealing, "_opened", meanwhile)
        column = Credential.secret
        ((key, place, _),) = list(resealing._values(column))
        with transaction():
            assert not resealing._reseal_one(column, key, place)
        assert credentials.load(sample.shop) == fresh
        db.session.remove()


def test_the_file_is_closed_and_made_once(settings: Settings) -> None:
    settings.var.mkdir(parents=True)
    first = key_file.read(settings.var)
    assert key_file.read(settings.var) == first
    key_file.add(settings.var, new_key())
    path = settings.var / key_file.NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(settings.var.iterdir()) == [path]


# What is signed


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found
    return found[1]


def test_cookies_are_not_signed_with_the_key_that_seals(site: Site) -> None:
    keys = parse_keys(key_file.read(koppelwerk_settings(site).var))
    signs = site.app.config["SECRET_KEY"]
    assert signs == signing_key(keys[0][1])
    assert signs not in [key for _, key in keys]
    # RFC 5869, HKDF-SHA256 with an empty salt: never another one by accident
    assert signing_key(bytes(32)) == b64decode(KNOWN)


KNOWN = "snYFxfqRhUFRlex0LuLUFGqOdIwqxuZqbScYmYjNNaI="


def koppelwerk_settings(site: Site) -> Settings:
    with site.app.app_context():
        return koppelwerk().settings


@pytest.mark.parametrize(("generations", "stays"), [(1, True), (2, False)])
def test_who_is_logged_in_stays_so_for_one_new_key(
    strict_site: Site, generations: int, stays: bool
) -> None:
    sample = strict_site.sample()
    settings = koppelwerk_settings(strict_site)
    client = strict_site.app.test_client()
    form = {"email": sample.owner, "password": "een lang wachtwoord",
            "csrf_token": _token(client.get("/login").text)}  # fmt: skip
    assert client.post("/login", data=form).status_code == 303
    token = _token(client.get("/wachtwoord").text)
    for _ in range(generations):
        key_file.add(settings.var, new_key())
    later = create_app(settings)
    with later.app_context():
        count = session().scalar(select(func.count()).select_from(MailAttachment))
        assert count == 0
        db.session.remove()
    other = later.test_client()
    for cookie in client._cookies.values():
        other.set_cookie(cookie.key, cookie.value, domain="localhost")
    assert (other.get("/open").status_code == 200) is stays
    answer = other.post("/logout", data={"csrf_token": token})
    assert (answer.status_code == 303) is stays
    with later.app_context():
        db.engine.dispose()
