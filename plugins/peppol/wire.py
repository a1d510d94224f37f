"""What the rules say of a document, and what an access point and the register answer.

Checked when it comes in: what is not of the documented form raises Malformed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FATAL, WARNING = "fatal", "warning"
STATUSES = ("pending", "rejected", "sending", "sent", "failed", "permanently_failed")
"""Of a document going out, as phoss AP names them (wiki, Code Lists)."""
MLS_STATUSES = ("pending", "received_ap", "received_ab", "received_re",
                "not_applicable")  # fmt: skip
"""What the receiver's access point said of it (Message Level Status)."""


class Malformed(ValueError):
    """An answer is not of the documented form."""


@dataclass(frozen=True)
class Finding:
    """A rule that a document breaks."""

    rule: str
    """Its id, such as BR-CO-15."""
    flag: str
    text: str
    """The rule's own words, in English."""
    location: str
    """Where in the document, as XPath."""

    @property
    def is_fatal(self) -> bool:
        """Whether a receiver refuses the document for it."""
        return self.flag != WARNING


@dataclass(frozen=True)
class Transaction:
    """A document that an access point has, by `GET api/outbound/status/{id}`."""

    reference: str
    """Ours: `sbdhInstanceID`."""
    receiver: str
    """`iso6523-actorid-upis::0208:0428759497`."""
    status: str
    mls_status: str
    """Empty: nothing is said of it."""
    error: str
    completed_at: datetime | None


def transaction_of(body: Any) -> Transaction:
    """Read a transaction; Malformed when it is none."""
    if not isinstance(body, Mapping):
        raise Malformed("no object")
    found = Transaction(
        reference=_text(body, "sbdhInstanceID"),
        receiver=_text(body, "receiverID"),
        status=_text(body, "status"),
        mls_status=_text(body, "mlsStatus", needed=False),
        error=_text(body, "errorDetails", needed=False),
        completed_at=_moment(_text(body, "completedDT", needed=False)),
    )
    if found.status not in STATUSES:
        raise Malformed(f"status {found.status[:40]}")
    if found.mls_status and found.mls_status not in MLS_STATUSES:
        raise Malformed(f"mlsStatus {found.mls_status[:40]}")
    return found


def document_types_of(body: Any) -> frozenset[str]:
    """Read what a participant takes, each with its scheme; Malformed when unclear."""
    if not isinstance(body, Mapping) or not isinstance(body.get("urls"), list):
        raise Malformed("no list of urls")
    found = [one.get("documentTypeID") for one in body["urls"]
             if isinstance(one, Mapping)]  # fmt: skip
    if len(found) != len(body["urls"]) or not all(isinstance(x, str) for x in found):
        raise Malformed("documentTypeID")
    return frozenset(map(str, found))


def _text(body: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    value = body.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise Malformed(name)
    return value


def _moment(text: str) -> datetime | None:
    """Read a moment; one without an offset says nothing for sure."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Malformed("completedDT") from error
    return found if found is not None and found.tzinfo is not None else None
