"""*Visma-diensten activeren*: the six steps, each with its check (manual 003).

What a step found is kept, so that a stopped wizard goes on where it was. Passwords
are passed on and kept nowhere. No transaction is open while Visma is asked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.redact import mask
from core.plugin import log
from core.plugin.database import insert_for, session, transaction
from plugins.accountview import configuration, undertakings
from plugins.accountview.models import Activation
from plugins.accountview.services import Licence, VismaServices


class Step(IntEnum):
    """The wizard's steps, in the manual's order."""

    WELCOME = 1
    LICENCE = 2
    COMMUNICATION = 3
    ADMINISTRATOR = 4
    GATEWAY = 5
    AUTHORISATION = 6
    DONE = 7


def of_tenant() -> Activation:
    """Return how far the tenant in scope is; not stored yet when it never began."""
    return session().scalar(select(Activation)) or Activation(
        step=Step.WELCOME, modules=[], gateway_failures=[], single_sign_on=False,
        edition="", version="", serial="", server="", administrator_email="",
        administrator_first_name="", administrator_last_name="",
    )  # fmt: skip


def is_authorised() -> bool:
    """Tell whether the tenant in scope came through the last step."""
    found = select(Activation.id).where(Activation.authorised_at.is_not(None))
    return session().scalar(found) is not None


def licence_problems(row: Activation) -> list[str]:
    """Return codes of the requirements that the kept licence does not meet."""
    if not row.serial:
        return []
    return Licence(row.serial, row.edition, row.version, tuple(row.modules)).problems


def begin(tenant_id: int) -> None:
    """*Volgende* on the welcome page."""
    with transaction():
        values = {"tenant_id": tenant_id, "modules": [], "gateway_failures": []}
        session().execute(
            insert_for(Activation)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["tenant_id"])
        )
        _advance(session().scalars(select(Activation)).one(), Step.WELCOME)


def licence(text: str, *, terms_accepted: bool) -> None:
    """*Activeren*: activate a licence by its pasted text; the text is not kept.

    Raises AskUser `terms_not_accepted`, the requirement that is not met, and what the
    service raises. What the licence says is kept either way, for the page to show.
    """
    _check_order(Step.LICENCE)
    if not terms_accepted:
        raise AskUser("terms_not_accepted")
    with _services() as services:
        found = services.activate_licence(text, terms_accepted=True)
    with _changed() as row:
        row.serial, row.edition = found.serial[:50], found.edition[:50]
        row.version, row.modules = found.version[:20], list(found.modules)
        row.terms_accepted_at = utcnow()
        if not found.problems:
            _advance(row, Step.LICENCE)
    for code in found.problems:
        raise AskUser(code)


def communication(server: str) -> None:
    """Check that the Communication Service runs on a server.

    Raises AskUser `communication_inactive`; the server is kept either way.
    """
    _check_order(Step.COMMUNICATION)
    with _services() as services:
        is_active = services.is_communication_active(server)
    with _changed() as row:
        row.server = server
        row.communication_checked_at = utcnow() if is_active else None
        if is_active:
            _advance(row, Step.COMMUNICATION)
    if not is_active:
        raise AskUser("communication_inactive", server=server)


def administrator(email: str, first_name: str, last_name: str) -> None:
    """*Aanmaken*: make the administrator; he gets a mail that he has to follow."""
    _check_order(Step.ADMINISTRATOR)
    with _services() as services:
        services.make_administrator(email, first_name, last_name)
    with _changed() as row:
        if row.administrator_email != email:
            row.administrator_confirmed_at = row.authorised_at = None
            row.gateway_checked_at = None
            row.step = Step.ADMINISTRATOR
        row.administrator_email = email
        row.administrator_first_name = first_name
        row.administrator_last_name = last_name
        row.administrator_made_at = utcnow()


def confirm() -> None:
    """*Controleren*: ask whether the administrator followed his mail.

    Raises AskUser `administrator_missing` and `administrator_unconfirmed`.
    """
    _check_order(Step.ADMINISTRATOR)
    email = of_tenant().administrator_email
    if not email:
        raise AskUser("administrator_missing")
    with _services() as services:
        is_confirmed = services.is_administrator_confirmed(email)
    if not is_confirmed:
        raise AskUser("administrator_unconfirmed", email=email)
    with _changed() as row:
        row.administrator_confirmed_at = utcnow()
        _advance(row, Step.ADMINISTRATOR)


def test_connection() -> None:
    """*Verbinding testen*: whether AccountView and AccountView.Net reach each other.

    Raises AskUser `administrator_missing` and `connection_test_failed`.
    """
    email = of_tenant().administrator_email
    if not email:
        raise AskUser("administrator_missing")
    with _services() as services:
        works = services.is_connected(email)
    if not works:
        raise AskUser("connection_test_failed")


def gateway(email: str, password: str) -> list[str]:
    """*Controleren*: return codes of what is wrong with the gateway; empty: go on."""
    _check_order(Step.GATEWAY)
    with _services(password) as services:
        failures = services.gateway_failures(email, password)
    with _changed() as row:
        row.gateway_failures = failures
        if not failures:
            row.gateway_checked_at = utcnow()
            _advance(row, Step.GATEWAY)
    return failures


def authorise(
    email: str, password: str, first_name: str = "", last_name: str = ""
) -> None:
    """*Autoriseren*, with names for single sign-on; then the wizard is finished.

    The ondernemingen that were made before are registered now. Raises AskUser
    `names_incomplete` and what the service raises.
    """
    _check_order(Step.AUTHORISATION)
    if bool(first_name) != bool(last_name):
        raise AskUser("names_incomplete")
    with _services(password) as services:
        is_linked = services.authorise(email, password, first_name, last_name)
    with _changed() as row:
        row.single_sign_on = is_linked
        row.authorised_at = utcnow()
        _advance(row, Step.AUTHORISATION)
        log.write(row.tenant_id, "accountview_activated")
    undertakings.register_all()


def _check_order(step: Step) -> None:
    if of_tenant().step < step:
        raise AskUser("activation_step_order")


@contextmanager
def _services(password: str = "") -> Iterator[VismaServices]:
    """Open the services, without a transaction; no refusal may repeat the password."""
    session().rollback()
    services = configuration.visma_services()
    with services.http:
        try:
            yield services
        except AskUser as error:
            raise AskUser(error.code, **_masked(error.params, password)) from None


def _masked(params: dict[str, str], password: str) -> dict[str, Any]:
    if not password:
        return dict(params)
    return {name: mask(text, [password]) for name, text in params.items()}


@contextmanager
def _changed() -> Iterator[Activation]:
    """Change the tenant's row and commit."""
    with transaction():
        row = session().scalars(select(Activation).with_for_update()).one()
        yield row
        row.changed_at = utcnow()


def _advance(row: Activation, done: Step) -> None:
    """Go on after a step, unless it was done before."""
    row.step = max(row.step, done + 1)
