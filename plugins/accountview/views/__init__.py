"""The pages of declarations, all below `/aangifte`."""

from flask import Blueprint

from plugins.accountview.views import (
    administrations,
    certificates,
    evidence,
    figure_changes,
    figures,
    filings,
    overview,
    setup,
    users,
    wizard,
)
from plugins.accountview.views.common import guard

MODULES = (
    overview, wizard, administrations, setup, users, certificates, figures,
    figure_changes, filings, evidence,
)  # fmt: skip


def blueprint() -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint("accountview", __name__, url_prefix="/aangifte")
    pages.before_request(guard)
    for module in MODULES:
        module.add_to(pages)
    return pages
