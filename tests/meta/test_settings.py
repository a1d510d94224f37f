"""Settings: each plugin's are its own, and `docs/settings.md` tells all of them."""

import re

from flask import Flask

from core.main.commands.settings import as_markdown
from core.plugin.settings import declared
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from tests.meta.project import ROOT


def test_the_page_of_settings_is_up_to_date(app: Flask) -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page == as_markdown(koppelwerk().registry), (
        "flask settings --markdown > docs/settings.md"
    )
    every = [Settings, *map(type, koppelwerk().registry.settings.values())]
    rows = re.findall(r"(?m)^\| `([A-Z_]+)` \|", page)
    wanted = [each.name for kind in every for each in declared(kind)]
    assert sorted(rows) == sorted(wanted)
    assert len(wanted) > 60


def test_every_plugin_that_talks_outside_has_settings_with_its_prefixes(
    app: Flask,
) -> None:
    registry = koppelwerk().registry
    for name, plugin in registry.plugins.items():
        if plugin.sandbox is None:
            continue
        names = {each.name for each in declared(type(registry.settings[name]))}
        assert set(plugin.sandbox.environ("http://x")) <= names
        assert set(plugin.sandbox.bench.without_limits) <= names


def test_no_line_of_the_core_names_a_plugin_or_its_setting(app: Flask) -> None:
    registry = koppelwerk().registry
    own = [
        each.name for one in registry.settings.values() for each in declared(type(one))
    ]
    named = re.compile(rf"\b(?:{'|'.join([*registry.manifests, *own])})\b")
    anyhow = re.compile(rf"\b(?:{'|'.join(own)})\b", re.IGNORECASE)
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("core", "templates")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".py", ".html", ".txt", ".css", ".js", ".tmpl")
        for line in path.read_text("utf-8").splitlines()
        if named.search(line) or anyhow.search(line)
    }
    assert found == set()
