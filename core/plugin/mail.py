"""Mail: to a tenant's owners, or in the tenant's own words to others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.plugin.ports import Port


class BadAddress(ValueError):
    """This is not one plain e-mail address."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail."""

    filename: str
    media_type: str
    content: bytes


class Mail(Protocol):
    """What plugins send by mail, queued in the caller's transaction."""

    def queue(
        self,
        recipient: str,
        kind: str,
        *,
        language: str,
        tenant_id: int | None,
        dedup_key: str | None = None,
        attachments: Sequence[Attachment] = (),
        reply_to: str = "",
        sender: str = "",
        **values: Any,
    ) -> None:
        """Add a mail; BadAddress when it cannot be sent.

        With a `sender` it is in the tenant's name and counts for what it may send a
        day: TooOften when that was reached.

        `kind` `<plugin>_<name>` names the template `<plugin>/mail/<name>.txt`. Its
        first line is the subject; it is rendered now, in `language`, with `values` and
        `link(endpoint, ...)`. A
        second mail with the same `dedup_key` is not made, whoever comes first.
        """

    def to_tenant(
        self, tenant_id: int, kind: str, *, dedup_key: str | None = None, **values: Any
    ) -> None:
        """Queue a mail to a tenant's owners and extra address, each in its language.

        `kind`, `dedup_key` and `values` as with `queue`.
        """


port = Port[Mail]()
queue = port.calls.queue
to_tenant = port.calls.to_tenant
