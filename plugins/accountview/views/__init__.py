"""The pages of AccountView's set-up, below `/aangifte`, where users know them."""

from flask import Blueprint

from plugins.accountview.views import undertakings, users, wizard
from plugins.accountview.views.common import PLUGIN, guard


def blueprint() -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint(PLUGIN, __name__, url_prefix="/aangifte")
    pages.before_request(guard)
    for module in (wizard, undertakings, users):
        module.add_to(pages)
    return pages
