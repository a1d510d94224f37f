"""The pages of declarations, all below `/aangifte`."""

from flask import Blueprint

from plugins.belastingdienst.views import (
    administrations,
    beside,
    certificates,
    evidence,
    figure_changes,
    figures,
    filing,
    filings,
    icp,
    oss,
    overview,
    own_sales,
    questions,
    setup,
    taxpayer,
)
from plugins.belastingdienst.views.common import PLUGIN, guard

MODULES = (
    overview, administrations, setup, certificates, figures, figure_changes, filings,
    filing, beside, icp, evidence, own_sales, oss, taxpayer, questions,
)  # fmt: skip


def blueprint() -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint(PLUGIN, __name__, url_prefix="/aangifte")
    pages.before_request(guard)
    for module in MODULES:
        module.add_to(pages)
    return pages
