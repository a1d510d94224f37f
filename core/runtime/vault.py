"""Encryption at rest: AES-256-GCM, the key's id in the value, bound to its place.

The context (tenant, table, row, column) is authenticated with the value, so that a
value copied to another tenant's row does not open (ASVS 11.3.2 and 11.3.3). Layout:
version byte, length of the key id, key id, 12 bytes nonce, ciphertext with tag.

What is signed (cookies, tokens of forms, cursors) is signed with a key of its own,
derived from each of these by HKDF (RFC 5869): one key, one purpose (ASVS 11.2.3).
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from secrets import token_bytes, token_hex

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.domain.errors import KoppelwerkError

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_VERSION = 1
_SIGNING = b"koppelwerk/signing/1"
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class VaultError(KoppelwerkError):
    """A value does not open, or the keys cannot be used; says no more than that."""


class Vault:
    """Seals and opens small secrets; the first key seals, every key opens."""

    def __init__(
        self,
        keys: Sequence[tuple[str, bytes]],
        *,
        again: Callable[[], Sequence[tuple[str, bytes]]] | None = None,
    ) -> None:
        """Take (id, 32 bytes) pairs, newest first; VaultError when unusable.

        `again` reads them anew when a value names a key that came later: another
        process may seal with it before this one is started again.
        """
        self._ciphers = {_checked_id(name): _cipher(key) for name, key in keys}
        if not keys or len(self._ciphers) != len(keys):
            raise VaultError("vault_keys_invalid")
        self._newest = keys[0][0]
        self._again = again

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The names of the keys, newest first."""
        return tuple(self._ciphers)

    def seal(self, plain: bytes | str, *, context: str) -> bytes:
        """Encrypt under the newest key for one place, e.g. `tenant:1/credential/2`."""
        data = plain.encode() if isinstance(plain, str) else plain
        header = _header(self._newest)
        nonce = token_bytes(_NONCE_BYTES)
        cipher = self._ciphers[self._newest]
        return header + nonce + cipher.encrypt(nonce, data, _bound(header, context))

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt; VaultError when tampered, moved, truncated or of a lost key."""
        name, header, body = _split(sealed)
        cipher = self._ciphers.get(name) or self._later(name)
        if cipher is None:
            raise VaultError("vault_refused")
        nonce, secret = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, secret, _bound(header, context))
        except InvalidTag:
            raise VaultError("vault_refused") from None

    def needs_reseal(self, sealed: bytes) -> bool:
        """Whether the value is under an older key than the newest."""
        return _split(sealed)[0] != self._newest

    def _later(self, name: str) -> AESGCM | None:
        """Return the key of this id that came after our start; None without one."""
        if self._again is None:
            return None
        for each, key in self._again():
            self._ciphers.setdefault(_checked_id(each), _cipher(key))
        return self._ciphers.get(name)


def key_id(sealed: bytes) -> str:
    """Return the id of the key that a value is under; VaultError when it is none."""
    return _split(sealed)[0]


def signing_key(key: bytes) -> bytes:
    """Return what this key's cookies and tokens are signed with, and nothing else."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=_SIGNING).derive(key)


def parse_keys(text: str) -> list[tuple[str, bytes]]:
    """Read `id:base64,id2:base64`, newest first; VaultError on anything else."""
    return [_parse_key(item.strip()) for item in text.split(",") if item.strip()]


def new_key() -> str:
    """Return a fresh random key as `id:base64`, ready for SECRET_KEYS."""
    return f"{token_hex(4)}:{b64encode(token_bytes(KEY_BYTES)).decode()}"


def _parse_key(item: str) -> tuple[str, bytes]:
    name, _, encoded = item.partition(":")
    try:
        return name, b64decode(encoded, validate=True)
    except ValueError:
        # without the cause: its text may hold part of the key
        raise VaultError("vault_keys_invalid") from None


def _checked_id(name: str) -> str:
    if not _KEY_ID.fullmatch(name):
        raise VaultError("vault_keys_invalid")
    return name


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise VaultError("vault_keys_invalid")
    return AESGCM(key)


def _header(name: str) -> bytes:
    return bytes((_VERSION, len(name))) + name.encode()


def _bound(header: bytes, context: str) -> bytes:
    """Return what is authenticated beside the value: its header and its place."""
    return header + b"\0" + context.encode()


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    """Return key id, header and the rest; VaultError when it is none of ours."""
    size = 2 + sealed[1] if len(sealed) > 2 else 0
    least = size + _NONCE_BYTES + _TAG_BYTES
    if not size or sealed[0] != _VERSION or len(sealed) < least:
        raise VaultError("vault_refused")
    return sealed[2:size].decode("ascii", "replace"), sealed[:size], sealed[size:]
