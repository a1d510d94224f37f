"""Two-factor login: codes that are good once, recovery codes, the secret at rest."""

import time

import pyotp
import pytest
import time_machine
from flask import Flask

from core.models import Role, User
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import system_scope
from core.runtime.vault import VaultError
from core.services.people import accounts, two_factor


@pytest.fixture
def user(app: Flask) -> User:
    with system_scope():
        tenant = accounts.create_tenant_with_owner(
            name="Shop", email="a@example.com", password="een lang wachtwoord"
        )
        other = accounts.create_user(tenant, email="b@example.com", role=Role.OWNER)
        session().commit()
        assert other.id
        found = accounts.find_by_email("a@example.com")
    assert found
    return found


def _code(user: User, after: int = 0) -> str:
    return pyotp.TOTP(two_factor.secret_of(user)).at(int(time.time()) + after)


def _switched_on(user: User) -> list[str]:
    two_factor.begin(user)
    session().flush()
    codes = two_factor.confirm(user, _code(user))
    assert codes
    return codes


def test_it_is_on_only_after_a_right_code(user: User) -> None:
    two_factor.begin(user)
    session().flush()
    wrong = f"{(int(_code(user)) + 1) % 10**6:06}"
    assert two_factor.confirm(user, wrong) is None
    assert not two_factor.is_on(user)
    assert len(two_factor.confirm(user, _code(user)) or []) == 8
    assert two_factor.is_on(user)


def test_a_code_is_good_once_and_an_older_one_not_at_all(user: User) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _switched_on(user)
        clock.shift(60)
        older, now = _code(user, -30), _code(user)
        assert two_factor.check(user.id, now)
        assert not two_factor.check(user.id, now)
        assert not two_factor.check(user.id, older)


@pytest.mark.parametrize(("after", "good"), [(-60, False), (-30, True), (0, True),
                                             (30, True), (60, False)])  # fmt: skip
def test_a_phone_may_be_one_step_early_or_late(
    user: User, after: int, good: bool
) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _switched_on(user)
        clock.shift(600)
        assert two_factor.check(user.id, _code(user, after)) is good


def test_a_recovery_code_is_good_once_and_kept_as_a_hash(user: User) -> None:
    codes = _switched_on(user)
    assert not {*codes} & {*user.recovery_hashes}
    assert two_factor.check(user.id, codes[0].upper())
    assert not two_factor.check(user.id, codes[0])
    assert len(user.recovery_hashes) == 7


def test_new_recovery_codes_void_the_old_ones(user: User) -> None:
    old = _switched_on(user)
    new = two_factor.new_recovery_codes(user)
    session().flush()
    assert not two_factor.check(user.id, old[0])
    assert two_factor.check(user.id, new[0])


def test_the_secret_is_encrypted_for_this_user_alone(user: User) -> None:
    two_factor.begin(user)
    assert user.totp_secret
    secret = two_factor.secret_of(user)
    assert secret.encode() not in user.totp_secret
    other = accounts.find_by_email("b@example.com")
    assert other
    other.totp_secret = user.totp_secret
    with pytest.raises(VaultError):
        two_factor.secret_of(other)
    assert koppelwerk().vault


def test_nothing_is_right_when_it_is_off(user: User) -> None:
    codes = _switched_on(user)
    two_factor.switch_off(user)
    session().flush()
    assert not two_factor.check(user.id, codes[0])
    assert user.totp_secret is None


def test_the_picture_has_nothing_that_the_csp_forbids(user: User) -> None:
    two_factor.begin(user)
    picture = two_factor.qr_code(user).decode()
    assert "<svg" in picture
    for forbidden in ("style", "<script", "data:", "onload"):
        assert forbidden not in picture
