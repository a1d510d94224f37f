"""What plugins bring beside code: templates, static files and translations.

A plugin's templates are named after it (`<name>/...`, in `templates/<name>`), so that
none can take the place of the core's or another plugin's. Its files in `static` are
served below `/static/plugins/<name>`.
"""

from pathlib import Path

from flask import Blueprint, Flask, Response, abort, send_from_directory
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from core.plugin.pages import access
from core.plugin.registry import Registry
from core.runtime.extensions import koppelwerk

pages = Blueprint("plugin_files", __name__)
STATIC = "plugin_files.static"


def register(app: Flask, registry: Registry) -> None:
    """Make the plugins' templates and static files known to the application."""
    own: dict[str, BaseLoader] = {
        name: FileSystemLoader(registry.folder(name) / "templates" / name)
        for name in registry.plugins
    }
    loaders = [app.jinja_loader] if app.jinja_loader else []
    app.jinja_loader = ChoiceLoader([*loaders, PrefixLoader(own)])
    app.register_blueprint(pages)


def translations(registry: Registry) -> list[Path]:
    """Return the plugins' folders of translations."""
    folders = [registry.folder(name) / "translations" for name in registry.plugins]
    return [folder for folder in folders if folder.is_dir()]


@pages.get("/static/plugins/<plugin>/<path:name>")
@access("public")
def static(plugin: str, name: str) -> Response:
    """Send one of a plugin's static files."""
    if plugin not in koppelwerk().registry.plugins:
        abort(404)
    return send_from_directory(koppelwerk().registry.folder(plugin) / "static", name)
