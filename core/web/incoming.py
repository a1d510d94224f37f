"""What browsers post, as it can be stored and sent on."""

from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from core.domain.strings import sendable

URLENCODED = "application/x-www-form-urlencoded"
MOST_FIELDS = 10_000


class Incoming(Request):
    """A request whose form holds no signs that no outside system takes.

    A paste from elsewhere may hold some that nobody sees. Here once, so that no form
    has to think of it; JSON of the API is refused instead (`core.web.api.fields`).
    """

    def _load_form_data(self) -> None:
        if self.mimetype == URLENCODED:
            self._refuse_many_fields()
        super()._load_form_data()
        read: dict[str, Any] = self.__dict__
        fields = read["form"].items(multi=True)
        read["form"] = ImmutableMultiDict(
            (name, sendable(text)) for name, text in fields
        )

    def _refuse_many_fields(self) -> None:
        """Raise RequestEntityTooLarge for more than any page of ours has: werkzeug's
        limits are for multipart only, and millions of fields take seconds."""
        size = self.content_length or 0
        if size > (self.max_form_memory_size or size):
            raise RequestEntityTooLarge
        if self.get_data(parse_form_data=False).count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
