"""Secrets at rest: sealed for one place, opened there only."""

from typing import Protocol

from core.plugin.ports import Port


class Vault(Protocol):
    """The application's vault."""

    def seal(self, plain: bytes | str, *, context: str) -> bytes:
        """Encrypt for one place, e.g. `tenant:1/acme/2`."""

    def open_sealed(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt; VaultError when tampered, moved, truncated or of a lost key."""


port = Port[Vault]()
seal = port.calls.seal
open_sealed = port.calls.open_sealed
