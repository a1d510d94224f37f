"""The composition root: builds the application from settings and plugins."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from flask import Flask
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from core import texts
from core.domain.redact import register_secret
from core.main import cli, own_files, wiring
from core.main.migrating import Migrations
from core.main.tasks import TASKS
from core.plugin import settings as plugin_settings
from core.plugin.registry import Registry, discover
from core.plugin.settings import declared, secrets_of
from core.runtime import counters, key_file, walls
from core.runtime.extensions import (
    Koppelwerk,
    connect_args,
    csrf,
    db,
    htmx,
    login,
    prepare_engine,
)
from core.runtime.languages import choose_language
from core.runtime.process_logs import configure_logs
from core.runtime.settings import Settings
from core.runtime.vault import Vault, parse_keys, signing_key
from core.web import plugin_files, views
from core.web.incoming import Incoming
from core.web.routing import LazyRule, Number
from core.web.views.display import timezone

ROOT = Path(__file__).resolve().parents[2]


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application; nothing is connected to before it is used."""
    settings = settings or Settings.from_environ()
    configure_logs(settings)
    own_files.close(settings.var)
    app = Flask("core", root_path=str(ROOT / "core" / "web"))
    app.url_rule_class = LazyRule
    app.url_map.converters["int"] = Number
    app.request_class = Incoming
    app.template_folder = str(ROOT / "templates")
    registry = load_plugins(settings)
    plugin_settings.init(app, settings, registry.settings.values())
    for values in (settings, *registry.settings.values()):
        for secret in secrets_of(values):
            register_secret(secret)
    keys = parse_keys(_secret_keys(settings))
    for _, key in keys:
        register_secret(b64encode(key).decode())
    vault = Vault(keys, again=lambda: parse_keys(_secret_keys(settings)))
    app.extensions["koppelwerk"] = Koppelwerk(settings, registry, vault, TASKS)
    counters.init(app, settings.web_workers)
    texts.init(app, registry.texts())
    wiring.connect()
    app.config.update(_flask_config(settings, [signing_key(key) for _, key in keys]))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = _translations(registry)
    if settings.trusted_proxies:
        number = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, number, number)  # type: ignore[method-assign]  # Flask's documented way
    _init_extensions(app, registry)
    views.register(app, registry)
    cli.register(app)
    return app


def load_plugins(settings: Settings) -> Registry:
    """Load our own plugins and those installed beside us."""
    registry = Registry(
        savepoint=db.session.begin_nested,
        environ=settings.environ,
        core_settings=[item.name for item in declared(Settings)],
    )
    registry.load(discover(ROOT / "plugins"))
    return registry


def _secret_keys(settings: Settings) -> str:
    """Return the keys from the settings, or those made once for this machine."""
    return settings.secret_keys or key_file.read(settings.var)


def _translations(registry: Registry) -> str:
    """Return the folders of translations; the core's words come last and so hold."""
    own = ROOT / "core" / "texts" / "translations"
    return ";".join(map(str, (*plugin_files.translations(registry), own)))


def _flask_config(settings: Settings, keys: Sequence[bytes]) -> dict[str, object]:
    """Return Flask's own settings; `keys` sign, the newest first.

    Of the others the one before is still believed: who is logged in stays so.
    """
    newest, *before = keys[:2]
    secure = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": newest,
        "SECRET_KEY_FALLBACKS": before,
        "WTF_CSRF_SECRET_KEY": [*before, newest],
        "SQLALCHEMY_DATABASE_URI": settings.database,
        # An error of the database names the statement, not whose data it was about.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": True,
            "hide_parameters": True,
            "connect_args": connect_args(settings.database),
        },
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": 5_000_000,
        "MAX_FORM_PARTS": 2000,
        "BABEL_DEFAULT_LOCALE": "nl",
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _init_extensions(app: Flask, registry: Registry) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        walls.prepare(db.engine)
    # Those of a plugin that failed too: the database knows their revisions.
    folders = [folder / "migrations" for folder in registry.folders.values()]
    branches = [folder for folder in folders if folder.is_dir()]
    app.extensions["migrate"] = Migrations(branches)
    # One for each application: it keeps what it read of the plugins' words.
    Babel(app, locale_selector=choose_language, timezone_selector=timezone)
    login.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
