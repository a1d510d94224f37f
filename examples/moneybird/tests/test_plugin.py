"""The plugin as a whole: it comes from elsewhere, and uses the border alone."""

import ast
import importlib
import os
import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from babel.messages.pofile import read_po
from conftest import PROJECT, ROOT
from sqlalchemy import create_engine

from core.main.commands import plugin_rules
from core.models import Base
from core.plugin.registry import WORDS, read_manifest
from moneybird.demo import SANDBOX
from tests.web.conftest import Site

MANIFEST = "moneybird/__manifest__.py"
CATALOGUE = "moneybird/translations/en/LC_MESSAGES/messages.po"
SOURCES = sorted((PROJECT / "moneybird").rglob("*.py"))


def test_of_the_core_nothing_beyond_the_border_is_used() -> None:
    folder = PROJECT / "moneybird"
    manifest = read_manifest(folder)
    assert plugin_rules.import_problems("moneybird", manifest, folder) == []
    names = [
        name
        for source in plugin_rules.sources(folder)
        for name in plugin_rules.imports(source.tree)
    ]
    assert "core.plugin.setups.CouplingSetup" in names
    assert [name for name in names if name.startswith(("plugins.", "tests."))] == []


def test_the_project_itself_does_not_know_it() -> None:
    texts = [*ROOT.glob("core/**/*.py"), *ROOT.glob("plugins/**/*.py")]
    texts += ROOT.glob("templates/**/*.html")
    found = [path for path in texts if "moneybird" in path.read_text().lower()]
    assert found == []


def run(installed: str, tmp_path, *command: str) -> str:
    """Run a command of the product as it is with the package installed."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env={
            **os.environ,
            **SANDBOX.environ("http://127.0.0.1:9"),
            "PYTHONPATH": installed,
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_product_finds_and_checks_it(installed: str, tmp_path) -> None:
    assert "moneybird: ok" in run(installed, tmp_path, "plugins", "check", "moneybird")


def test_its_tables_come_with_the_upgrade(installed: str, tmp_path) -> None:
    run(installed, tmp_path, "db", "upgrade", "heads")
    engine = create_engine(f"sqlite:///{tmp_path / 'own.db'}")
    own = [table for table in Base.metadata.sorted_tables if inside_plugin(table.name)]
    with engine.connect() as connection:
        for table in own:
            assert connection.execute(table.select()).all() == []
    engine.dispose()
    assert len(own) == 3


def inside_plugin(table: str) -> bool:
    return table.startswith("moneybird_")


def test_the_migration_makes_the_tables_of_the_models() -> None:
    migration = importlib.import_module("moneybird.migrations.0001_tables")
    engine = create_engine("sqlite://")
    core = [
        each for each in Base.metadata.sorted_tables if not inside_plugin(each.name)
    ]
    with engine.begin() as connection:
        Base.metadata.create_all(connection, tables=core)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        with Operations.context(context):
            migration.upgrade()
            assert compare_metadata(context, Base.metadata) == []
            migration.downgrade()
    engine.dispose()


def test_it_is_offered_in_the_users_language(moneybird_site: Site) -> None:
    sample = moneybird_site.sample()
    client = moneybird_site.client(sample.owner)
    page = client.get("/koppelingen/moneybird")
    assert page.status_code == 200
    assert "externe verkoopfactuur in Moneybird" in page.text


def test_every_text_has_its_english() -> None:
    texts = {
        node.args[0].value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_l"
    }
    manifest = ast.literal_eval((PROJECT / MANIFEST).read_text())
    texts |= {manifest[name] for name in WORDS}
    with (PROJECT / CATALOGUE).open("rb") as given:
        english = {each.id: each.string for each in read_po(given) if each.id}
    assert texts == set(english)
    assert all(english.values())
