"""How a webhook of ours is signed: Standard Webhooks 1.0. Pure.

`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.payload`; the key is what stands
behind `whsec_`, base64 decoded. While a secret is replaced there are two signatures,
with a space between them.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

SECRET_PREFIX = "whsec_"  # noqa: S105  how the standard marks a secret, not a secret
SECRET_BYTES = 32
"""The standard asks for 24 to 64."""


def shown(key: bytes) -> str:
    """Write a key as receivers fill it in."""
    return SECRET_PREFIX + b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """Return the key of a secret as it is shown; ValueError when it is none."""
    return b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)


def sign(key: bytes, message_id: str, timestamp: int, payload: str) -> str:
    """Return one signature; `timestamp` in unix seconds."""
    signed = f"{message_id}.{timestamp}.{payload}".encode()
    return "v1," + b64encode(hmac.new(key, signed, sha256).digest()).decode()


def headers(
    keys: Iterable[bytes], message_id: str, timestamp: int, payload: str
) -> dict[str, str]:
    """Return the headers of a message, signed with every key that counts now."""
    signatures = [sign(key, message_id, timestamp, payload) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
