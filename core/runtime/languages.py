"""Which language a page is in: the user's choice, else the browser's, else Dutch."""

from flask import has_request_context, request, session
from flask_login import current_user

LANGUAGES = ("nl", "en")


def choose_language() -> str:
    """Return `nl` or `en` for this request."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = session.get("language") or getattr(current_user, "language", None)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
