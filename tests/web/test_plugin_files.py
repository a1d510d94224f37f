"""A plugin from elsewhere brings its own templates, static files and words."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, render_template
from flask_babel import force_locale, gettext

from core.main.app import create_app
from core.plugin.capabilities import Plugin
from core.plugin.settings import settings_of
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from core.services.mailing import mail
from core.web.views.display import help_page

MANIFEST = {
    "name": "alpha",
    "title": "Alpha",
    "summary": "Voor een test.",
    "version": "0.1.0",
    "category": "service",
    "settings": ["alpha_"],
}
PLUGIN = """
from dataclasses import dataclass
from flask import Blueprint, render_template
from core.plugin.capabilities import Pages, Plugin
from core.plugin.pages import access
from core.plugin.registry import manifest_of
from core.plugin.settings import setting

@dataclass(frozen=True)
class Settings:
    alpha_url: str = setting("", "where it is")

@access("public")
def page():
    return render_template("alpha/page.html")

def blueprint():
    pages = Blueprint("alpha", __name__)
    pages.add_url_rule("/alpha", "page", page)
    return pages

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(Pages(blueprint=blueprint),),
)
"""
MAIL = "Subject: Alpha {{ name }}\n\nDag {{ name }}\n"
FILES = {
    "alpha/__init__.py": "",
    "alpha/__manifest__.py": repr(MANIFEST),
    "alpha/plugin.py": PLUGIN,
    "alpha/templates/alpha/page.html": "{% extends 'base.html' %}"
    "{% block head %}<link rel=stylesheet href={{ asset('alpha/alpha.css') }}>"
    "{% endblock %}{% block content %}{{ _('Eigen woorden') }}{% endblock %}",
    "alpha/templates/alpha/help/page.html": "help",
    "alpha/templates/alpha/mail/told.txt": MAIL,
    "alpha/templates/login.html": "taken over",
    "alpha/static/alpha.css": "p { margin: 0 }",
    "alpha-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: alpha\nVersion: 1\n",
    "alpha-1.0.dist-info/entry_points.txt": "[koppelwerk.plugins]\nalpha = alpha\n",
}
OWN, CORES = "Eigen woorden", "Opslaan"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package outside the project that is a plugin by its entry point."""
    folder = tmp_path / "elsewhere"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    catalog = Catalog(locale="en", fuzzy=False)
    catalog.add(OWN, "Words of its own")
    catalog.add(CORES, "Taken over")
    place = folder / "alpha" / "translations" / "en" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.syspath_prepend(str(folder))
    _forget()  # another test's package of that name
    yield folder
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "alpha"]:
        del sys.modules[name]


@pytest.fixture
def outsider(installed: Path, settings: Settings) -> Iterator[Flask]:
    app = create_app(settings.with_environ({"ALPHA_URL": "http://alpha"}))
    with app.app_context():
        yield app


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("pages = Blueprint", "raise RuntimeError('no pages')\n    pages = Blueprint"),
        ("page():", "page(:"),
        ('"/alpha"', '"alpha"'),
    ],
)
def test_a_plugin_whose_pages_are_broken_fails_alone(
    installed: Path, settings: Settings, right: str, wrong: str
) -> None:
    (installed / "alpha" / "plugin.py").write_text(PLUGIN.replace(right, wrong))
    app = create_app(settings)
    with app.app_context():
        assert list(koppelwerk().registry.failed) == ["alpha"]
    assert app.test_client().get("/login").status_code == 200
    assert app.test_client().get("/alpha").status_code == 404


def _plugin() -> Plugin:
    return koppelwerk().registry.get("alpha")


def test_its_settings_are_its_own(outsider: Flask) -> None:
    kind = _plugin().settings
    assert kind is not None
    assert settings_of(kind) == kind(alpha_url="http://alpha")
    listed = outsider.test_cli_runner().invoke(args=["plugins", "list"]).output
    assert "\tALPHA_*\n\tALPHA_URL\t\twhere it is\n" in listed


def test_its_page_has_its_template_and_style(outsider: Flask) -> None:
    client = outsider.test_client()
    page = client.get("/alpha")
    assert (page.status_code, OWN in page.text) == (200, True)
    address = page.text.partition("href=/static/plugins/alpha/")[2].partition(">")[0]
    name, _, digest = address.partition("?v=")
    assert (name, len(digest)) == ("alpha.css", 12)
    style = client.get(f"/static/plugins/alpha/{name}")
    assert style.text == FILES["alpha/static/alpha.css"]
    assert style.mimetype == "text/css"
    assert style.headers["Cache-Control"] == "public, max-age=3600"
    assert "style-src 'self';" in page.headers["Content-Security-Policy"]
    style.close()


@pytest.mark.parametrize(
    "path", ["alpha/none.css", "alpha/../plugin.py", "none/alpha.css", "vies/x.css"]
)
def test_nothing_else_is_served(outsider: Flask, path: str) -> None:
    assert outsider.test_client().get(f"/static/plugins/{path}").status_code == 404


@pytest.fixture
def asked_before(settings: Settings) -> None:
    """Another application of this process was read in English, without the plugin."""
    app = create_app(settings)
    with app.app_context(), app.test_request_context(), force_locale("en"):
        assert gettext(OWN) == OWN


@pytest.mark.usefixtures("asked_before")
def test_its_words_are_translated_and_the_cores_stay(outsider: Flask) -> None:
    with outsider.test_request_context(), force_locale("en"):
        assert gettext(OWN) == "Words of its own"
        assert gettext(CORES) == "Save"


def test_its_templates_stand_below_its_name_only(outsider: Flask) -> None:
    with outsider.test_request_context("/login"):
        assert help_page("alpha.page") == "alpha/help/page.html"
        assert help_page("alpha.none") is None
        assert render_template("alpha/help/page.html") == "help"
        names = outsider.jinja_env.list_templates()
        assert "taken over" not in outsider.test_client().get("/login").text
    assert "alpha/login.html" not in names


def test_its_mail_is_rendered_from_its_folder(outsider: Flask) -> None:
    with outsider.test_request_context():
        assert mail.render("alpha_told", "nl", {"name": "Jan"}) == (
            "Alpha Jan",
            "Dag Jan\n",
        )
