"""The pages. Views queue and render; decisions live in `services`."""

from flask import Flask

from core import policy, security
from core.extensions import csrf, koppelwerk
from core.registry import Registry
from core.views import (
    bench,
    configuration,
    display,
    errors,
    failed,
    lifecycle,
    pages,
    plugin_pages,
    relation_import,
    relations,
    rights,
    session,
)

_CRM = (relations, relation_import, rights)


def register(app: Flask, registry: Registry) -> None:
    """Add core's pages and those the plugins bring."""
    with app.app_context():
        settings = koppelwerk().settings
    security.init(app, registry, settings)
    lifecycle.register(app)
    display.register(app)
    errors.register(app)
    for module in (session, pages, failed, configuration, plugin_pages, *_CRM):
        app.register_blueprint(module.pages)
    for plugin in registry.plugins.values():
        if plugin.blueprint is not None:
            app.register_blueprint(plugin.blueprint())
    if settings.bench_route:
        bench.register(app)
    for entry in policy.table(app):
        if entry.access == "webhook":
            csrf.exempt(app.view_functions[entry.endpoint])
