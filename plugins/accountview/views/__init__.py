"""The plugin's pages."""

from flask import Blueprint

from plugins.accountview.views import figures, filings


def blueprint() -> Blueprint:
    """Return the pages, made on request."""
    pages = Blueprint(
        "accountview", __name__, url_prefix="/aangifte", template_folder="../templates"
    )
    figures.add_to(pages)
    filings.add_to(pages)
    return pages
