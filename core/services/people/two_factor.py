"""Two-factor login: time-based codes (RFC 6238) and recovery codes.

The secret is encrypted, a code is good once (RFC 6238, section 5.2), recovery codes
are shown once and kept as hashes. Every check locks the user's row, so that two
requests cannot use the same code.
"""

import hmac
from hashlib import sha256
from io import BytesIO
from secrets import token_hex

import pyotp
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import User
from core.models.base import place_of
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.people import accounts

ISSUER = "Koppelwerk"
STEP_SECONDS = 30
DRIFT = 1
"""Steps that a phone's clock may be early or late."""
RECOVERY_CODES = 8


def is_on(user: User) -> bool:
    """Tell whether a code is asked for at log-in."""
    return user.totp_confirmed_at is not None


def begin(user: User) -> None:
    """Draw a secret in the caller's transaction; nothing changes at log-in yet."""
    secret = pyotp.random_base32()
    user.totp_secret = koppelwerk().vault.seal(secret, context=_context(user))
    user.totp_confirmed_at = None
    user.totp_step = 0
    user.recovery_hashes = []


def secret_of(user: User) -> str:
    """Return the secret to be typed or scanned; empty when there is none."""
    if user.totp_secret is None:
        return ""
    return koppelwerk().vault.open(user.totp_secret, context=_context(user)).decode()


def qr_code(user: User) -> bytes:
    """Return the secret as a QR code, an SVG file for authenticator apps to scan."""
    address = pyotp.TOTP(secret_of(user)).provisioning_uri(
        name=user.email, issuer_name=ISSUER
    )
    file = BytesIO()
    import segno  # for the few who set it up

    segno.make(address, error="m").save(file, kind="svg", scale=5, border=2)
    return file.getvalue()


def confirm(user: User, code: str) -> list[str] | None:
    """Switch on once a right code shows that the app works.

    Returns the recovery codes, or None when the code is wrong. Changes the row in the
    caller's transaction.
    """
    locked = _locked(user.id)
    if locked.totp_secret is None or is_on(locked) or not _use_code(locked, code):
        return None
    locked.totp_confirmed_at = utcnow()
    accounts.note(locked, "two_factor_on")
    return new_recovery_codes(locked)


def new_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes in the caller's transaction; return them once."""
    codes = [f"{token_hex(4)}-{token_hex(4)}" for _ in range(RECOVERY_CODES)]
    user.recovery_hashes = [_hash(code) for code in codes]
    return codes


def check(user_id: int, code: str) -> bool:
    """Use up a code of the app or a recovery code, in the caller's transaction."""
    user = _locked(user_id)
    return is_on(user) and (_use_code(user, code) or _use_recovery(user, code))


def switch_off(user: User) -> None:
    """Ask for a password alone from now on, in the caller's transaction."""
    user.totp_secret = None
    user.totp_confirmed_at = None
    user.totp_step = 0
    user.recovery_hashes = []
    accounts.note(user, "two_factor_off")


def _use_code(user: User, code: str) -> bool:
    typed = "".join(code.split())
    now = int(utcnow().timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret_of(user), interval=STEP_SECONDS)
    # one used under a clock that was ahead would shut its user out until then
    used = user.totp_step if user.totp_step <= now + DRIFT else 0
    for step in range(now - DRIFT, now + DRIFT + 1):
        wanted = generator.generate_otp(step)
        if step > used and hmac.compare_digest(wanted.encode(), typed.encode()):
            user.totp_step = step
            return True
    return False


def _use_recovery(user: User, code: str) -> bool:
    digest = _hash(code.strip().lower())
    if digest not in user.recovery_hashes:
        return False
    user.recovery_hashes = [one for one in user.recovery_hashes if one != digest]
    accounts.note(user, "recovery_code_used", left=str(len(user.recovery_hashes)))
    return True


def _locked(user_id: int) -> User:
    return (
        session()
        .scalars(
            select(User)
            .where(User.id == user_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )


def _context(user: User) -> str:
    return place_of(User.totp_secret, tenant_id=user.tenant_id, id=user.id)


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()
