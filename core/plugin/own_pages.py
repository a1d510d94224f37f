"""A plugin's whole set of pages: who may open them, and going on after a form."""

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import KoppelwerkError
from core.plugin.pages import SAFE_METHODS, counts, is_open, may_make
from core.plugin.texts import Explained, explain


@dataclass(frozen=True)
class OwnPages:
    """The pages of one plugin, whose blueprint and templates bear its name."""

    plugin: str

    def guard(self) -> None:
        """Answer 404 where the plugin is off or unseen, 403 where it may only look.

        Comes after the policy, so there is a user of a tenant. Holds for every page of
        the plugin.
        """
        if not current_user.is_authenticated or not is_open(self.plugin):
            abort(404)
        if request.method not in SAFE_METHODS and not may_make(self.plugin):
            abort(403)

    def page(self, template: str, **values: Any) -> str:
        """Render a page of the plugin."""
        return render_template(
            f"{self.plugin}/{template}.html",
            may=may_make(self.plugin),
            counts=counts(),
            **values,
        )

    def to(self, endpoint: str, **values: Any) -> Response:
        """Go on after a form."""
        return redirect(url_for(f"{self.plugin}.{endpoint}", **values), 303)


def words(error: KoppelwerkError) -> Explained:
    """Return the words for an error."""
    return explain(error.code, error.params)


def say(error: KoppelwerkError) -> None:
    """Tell on the next page what was refused, and what solves it."""
    found = words(error)
    flash(" ".join(filter(None, (found.what, found.why, found.action))), "error")
