"""The pages. Views queue and render; decisions live in `services`."""

from flask import Flask

from core.plugin.capabilities import Pages
from core.plugin.registry import Registry
from core.runtime.extensions import csrf, koppelwerk
from core.web import api, counting, navigation, plugin_files, policy, security
from core.web.views import (
    api_settings,
    backfill,
    bench,
    cards,
    colleagues,
    configuration,
    desk,
    display,
    errors,
    export,
    failed,
    fields,
    guide,
    health,
    impact,
    install,
    invoice_bookings,
    invoice_drafts,
    invoice_files,
    invoice_overview,
    invoice_settings,
    invoices,
    licence,
    lifecycle,
    log,
    order_invoices,
    pages,
    passwords,
    plugin_pages,
    previews,
    privacy,
    profile,
    public,
    purchases,
    reauth,
    refunds,
    relation_conflicts,
    relation_contacts,
    relation_import,
    relation_merging,
    relation_runs,
    relation_sync,
    relation_words,
    relations,
    rights,
    search,
    session,
    set_aside,
    standings,
    style,
    support,
    takeover,
    tally,
    tour,
    two_factor,
    vat_status,
)

_SUPPORT = (support, desk, health, guide, style)
_ACCOUNTS = (reauth, passwords, two_factor, profile, colleagues, privacy, takeover)
_CRM = (
    relations, relation_words, relation_contacts, relation_merging, relation_import,
    relation_runs, relation_sync, relation_conflicts, rights, invoices,
    invoice_drafts, invoice_settings, invoice_bookings, purchases, invoice_files,
    invoice_overview, order_invoices, api_settings,
)  # fmt: skip


def register(app: Flask, registry: Registry) -> None:
    """Add core's pages and those the plugins bring."""
    with app.app_context():
        settings = koppelwerk().settings
    counting.register(app)
    security.init(app, registry, settings)
    plugin_files.register(app, registry)
    lifecycle.register(app)
    display.register(app)
    navigation.register(app)
    tour.register(app)
    errors.register(app)
    for module in (
        session, pages, log, failed, previews, refunds, configuration, fields, impact,
        plugin_pages, backfill, export, search, tally, tour, public, install, licence,
        vat_status, standings, set_aside, cards, *_CRM,
    ):  # fmt: skip
        app.register_blueprint(module.pages)
    for account_pages in (*_ACCOUNTS, *_SUPPORT):
        app.register_blueprint(account_pages.pages)
    api.register(app)
    _register_plugins(app, registry)
    if settings.bench_route:
        bench.register(app)
    for entry in policy.table(app):
        if entry.access in policy.WITHOUT_COOKIE:
            csrf.exempt(app.view_functions[entry.endpoint])


def _register_plugins(app: Flask, registry: Registry) -> None:
    """Add the plugins' pages; one whose pages cannot be made is listed as failed."""
    for name, own in registry.brought(Pages).items():
        if own.blueprint is None:
            continue
        try:
            app.register_blueprint(own.blueprint())
        except Exception as error:  # a broken plugin must not stop the others
            registry.fail(name, error)
