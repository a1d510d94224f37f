"""The last look before a wire: nothing goes out that no outside system holds."""

import re
from collections.abc import Mapping
from typing import Any

from core.domain.errors import AskUser
from core.domain.strings import is_sendable, unsendable_at, unsendable_field

_OPENED = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>")


def check_sendable(request: str, *parts: Any) -> None:
    """Raise AskUser `unsendable_text` that names the field and the request.

    Texts are cleaned where they come in; this keeps what slipped through from a wire.
    """
    for part in parts:
        field = unsendable_field(part)
        if field is not None:
            name = _element(part) or field or "?"
            raise AskUser("unsendable_text", field=name, request=request)


def _element(part: Any) -> str:
    """Return the name of the XML element that the sign stands in; empty: no XML."""
    texts = part.values() if isinstance(part, Mapping) else (part,)
    for text in texts:
        if isinstance(text, str) and text.startswith("<") and not is_sendable(text):
            found = _OPENED.findall(text[: unsendable_at(text)])
            return str(found[-1]) if found else ""
    return ""
