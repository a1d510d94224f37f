"""The last look before a wire: nothing goes out that no outside system holds."""

import re
from typing import Any

from core.domain.errors import AskUser
from core.domain.strings import unsendable_at, unsendable_field

_OPENED = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>")


def check_sendable(request: str, *parts: Any) -> None:
    """Raise AskUser `unsendable_text` that names the field and the request.

    Texts are cleaned where they come in; this keeps what slipped through from a wire.
    """
    for part in parts:
        field = unsendable_field(part)
        if field is not None:
            name = field or _element(part)
            raise AskUser("unsendable_text", field=name or "?", request=request)


def _element(text: Any) -> str:
    """Return the name of the XML element that the sign stands in; empty: none."""
    before = str(text)[: unsendable_at(str(text))]
    found = _OPENED.findall(before)
    return str(found[-1]) if found else ""
