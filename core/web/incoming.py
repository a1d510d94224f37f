"""What browsers post, as it can be stored and sent on."""

from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from core.domain.strings import sendable


class Incoming(Request):
    """A request whose form holds no signs that no outside system takes.

    A paste from elsewhere may hold some that nobody sees. Here once, so that no form
    has to think of it; JSON of the API is refused instead (`core.web.api.fields`).
    """

    def _load_form_data(self) -> None:
        super()._load_form_data()
        read: dict[str, Any] = self.__dict__
        fields = read["form"].items(multi=True)
        read["form"] = ImmutableMultiDict(
            (name, sendable(text)) for name, text in fields
        )
