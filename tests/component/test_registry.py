"""Discovery, order and dispatch of plugins, with made-up ones on the path."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.domain.events import ScheduleDue
from core.main.app import create_app
from core.models import Tenant
from core.plugin.capabilities import Manifest, Plugin
from core.plugin.hooks import HOOKS, hookimpl
from core.plugin.registry import PluginError, Registry, discover, read_manifest
from core.runtime import jobs
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope

EVENT = ScheduleDue(1, 2, "alpha")
MANIFEST = {
    "name": "alpha",
    "title": "Alpha",
    "summary": "Voor een test.",
    "version": "0.1.0",
    "depends": [],
    "category": "service",
}
PLAIN = """
from core.plugin.capabilities import Plugin
from core.plugin.registry import manifest_of
plugin = Plugin(manifest=manifest_of(__file__))
"""
WITH_HOOKS = """
from core.plugin.capabilities import Plugin
from core.plugin.registry import manifest_of
from {name} import hooks
plugin = Plugin(manifest=manifest_of(__file__), hooks=hooks)
"""
SCHEDULE = """
from core.plugin.hooks import hookimpl
calls = []
@hookimpl
def on_schedule(event):
    calls.append(event)
"""
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a package that is a plugin; returns its name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def make(name: str, code: str = PLAIN, hooks: str = "", **values: object) -> str:
        folder = tmp_path / name
        folder.mkdir()
        manifest = {**MANIFEST, "name": name, **values}
        (folder / "__manifest__.py").write_text(repr(manifest))
        (folder / "__init__.py").touch()
        (folder / "plugin.py").write_text(
            WITH_HOOKS.format(name=name) if hooks else code
        )
        if hooks:
            (folder / "hooks.py").write_text(hooks)
        return name

    yield make
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {path.name for path in tmp_path.iterdir()}:
            del sys.modules[name]


def loaded(*names: str) -> Registry:
    registry = Registry()
    registry.load({name: name for name in names})
    return registry


def test_plugins_load_after_what_they_depend_on_then_by_name(write: Write) -> None:
    write("alpha", depends=["delta"])
    write("beta")
    write("delta", depends=["gamma"])
    write("gamma")
    registry = loaded("alpha", "beta", "delta", "gamma")
    assert list(registry.plugins) == ["beta", "gamma", "delta", "alpha"]
    assert registry.failed == {}


def test_a_circle_fails_and_takes_only_its_dependants_along(write: Write) -> None:
    write("alpha", depends=["beta"])
    write("beta", depends=["alpha"])
    write("gamma", depends=["alpha"])
    write("delta", depends=["delta"])
    write("zeta", depends=["eta"])
    write("eta")
    registry = loaded("alpha", "beta", "gamma", "delta", "zeta", "eta")
    assert list(registry.plugins) == ["eta", "zeta"]
    circle = "depends on itself in a circle"
    assert registry.failed == {
        "alpha": circle,
        "beta": circle,
        "delta": circle,
        "gamma": "needs alpha, which did not load",
    }


def test_a_missing_dependency_fails_whoever_needs_it(write: Write) -> None:
    write("alpha", depends=["nowhere"])
    write("beta", depends=["alpha"])
    registry = loaded("alpha", "beta")
    assert registry.plugins == {}
    assert registry.failed == {
        "alpha": "needs nowhere",
        "beta": "needs alpha, which did not load",
    }


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no')", "RuntimeError: no"),
        ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
        ("plugin = ", "SyntaxError"),
        ("", "no attribute 'plugin'"),
        ("plugin = None", "has no attribute 'manifest'"),
        (
            "from core.plugin.capabilities import Manifest, Plugin\n"
            "plugin = Plugin(Manifest('alpha', 'a', 'b', '9', 'service'))",
            "declaration and manifest differ",
        ),
    ],
)
def test_a_broken_plugin_fails_alone(write: Write, code: str, reason: str) -> None:
    write("alpha", code)
    write("beta")
    registry = loaded("alpha", "beta")
    assert list(registry.plugins) == ["beta"]
    assert reason in registry.failed["alpha"]


BOOKS = """
from core.plugin.capabilities import Orders, Plugin
from core.plugin.registry import manifest_of
orders = Orders(sender=None, form=None, vat_mapping=None, payment_mapping=None,
                choices=None, problems=None, {})
plugin = Plugin(manifest=manifest_of(__file__), brings=(orders,))
"""


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ("documents={'twenty_characters_in': 'Stuk'}", None),
        (
            "documents={'one_character_above_it': 'Stuk'}",
            "document one_character_above_it: a name has 1 to 20 characters",
        ),
        ("documents={'': 'Stuk'}", "document : a name has 1 to 20 characters"),
        (
            "documents={'entry': 'Stuk'}, credits=('draft',)",
            "credits draft, which is none of its documents",
        ),
    ],
)
def test_a_kind_of_document_has_a_name_that_fits(
    write: Write, declared: str, reason: str | None
) -> None:
    write("alpha", BOOKS.format(declared))
    assert loaded("alpha").failed.get("alpha") == reason


def test_a_package_that_is_not_there_fails(write: Write) -> None:
    write("beta")
    registry = Registry()
    registry.load({"alpha": "nowhere.at.all", "beta": "beta", "gamma": "json.tool"})
    assert list(registry.plugins) == ["beta"]
    assert set(registry.failed) == {"alpha", "gamma"}


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("{**{}}", "malformed node"),
        ("open('x')", "malformed node"),
        ("{'name': 'alpha'}", "missing"),
        (repr({**MANIFEST, "name": "beta"}), "calls itself beta"),
        (repr({**MANIFEST, "colour": "red"}), "colour"),
        (repr({**MANIFEST, "category": "toys"}), "category"),
        (repr({**MANIFEST, "auth": "handshake"}), "auth"),
        ("[1]", "alpha"),
        ("{", "never closed"),
    ],
)
def test_a_manifest_is_one_complete_literal(
    tmp_path: Path, manifest: str, reason: str
) -> None:
    folder = tmp_path / "alpha"
    folder.mkdir()
    (folder / "__manifest__.py").write_text(manifest)
    with pytest.raises(PluginError, match=reason):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        ("def on_ordr_ready(event): ...", "alpha: there is no hook on_ordr_ready"),
        (
            "@hookimpl\ndef order_ready(event): ...",
            "alpha: unknown hook 'order_ready'",
        ),
        (
            "@hookimpl\ndef on_schedule(event, now): ...",
            "{'now'} are declared in the hookimpl but can not be found in the hookspec",
        ),
        (
            "@hookimpl\ndef on_order_ready(order): ...",
            "{'order'} are declared in the hookimpl but can not be found",
        ),
        (
            "@hookimpl\ndef on_schedule(): ...",
            "alpha: on_schedule takes event",
        ),
        ("def on_schedule(event): ...", "alpha: on_schedule lacks @hookimpl"),
    ],
)
def test_an_unknown_hook_or_argument_fails_at_start(
    write: Write, hook: str, reason: str
) -> None:
    write("alpha", hooks=f"from core.plugin.hooks import hookimpl\n{hook}\n")
    write("beta", hooks=SCHEDULE)
    registry = loaded("alpha", "beta")
    assert reason in registry.failed["alpha"]
    assert list(registry.plugins) == ["beta"]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_reaches_its_implementation(write: Write, hook: str) -> None:
    write("alpha", hooks=SCHEDULE.replace("on_schedule", hook))
    registry = loaded("alpha")
    assert registry.dispatch(hook, ["alpha"], EVENT) == {}
    assert sys.modules["alpha.hooks"].calls == [EVENT]


def test_only_plugins_that_are_switched_on_are_called(write: Write) -> None:
    for name in ("alpha", "beta", "gamma"):
        write(name, hooks=SCHEDULE if name != "gamma" else "")
    registry = loaded("alpha", "beta", "gamma")
    registry.dispatch("on_schedule", ["beta", "gamma", "unknown"], EVENT)
    assert sys.modules["alpha.hooks"].calls == []
    assert sys.modules["beta.hooks"].calls == [EVENT]


def test_one_plugins_exception_never_reaches_the_next(write: Write) -> None:
    write("alpha", hooks=SCHEDULE + "    raise RuntimeError('broken')\n")
    write("beta", hooks=SCHEDULE)
    registry = loaded("alpha", "beta")
    errors = registry.dispatch("on_schedule", ["alpha", "beta"], EVENT)
    assert [(name, str(error)) for name, error in errors.items()] == [
        ("alpha", "broken")
    ]
    assert sys.modules["beta.hooks"].calls == [EVENT]


class _Hooks:
    """A hook module made of one function."""

    def __init__(self, call: Callable[..., None]) -> None:
        self.on_schedule = call


def test_what_a_failing_hook_wrote_is_undone_and_the_rest_stays(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken statement must not spoil the transaction of the other plugins."""

    def breaks(event: ScheduleDue) -> None:
        db.session.add(Tenant(name="half"))
        db.session.flush()
        db.session.execute(text("INSERT INTO tenant (id) VALUES (1)"))

    def works(event: ScheduleDue) -> None:
        db.session.add(Tenant(name="whole"))
        jobs.wake_after_commit("poll", event.connection_id, queue="default")

    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(jobs, "wake", lambda *wake: sent.append(wake))
    registry = koppelwerk().registry
    for name, call in (("aa", breaks), ("bb", works)):
        plugin = Plugin(
            Manifest(name, name, name, "1", "service"),
            hooks=_Hooks(hookimpl(call)),  # type: ignore[arg-type]
        )
        registry.add(plugin)
    with system_scope():
        db.session.add(Tenant(name="caller"))
        errors = registry.dispatch("on_schedule", ["aa", "bb"], EVENT)
        assert [type(error) for error in errors.values()] == [IntegrityError]
        assert sent == []
        db.session.commit()
        names = db.session.scalars(select(Tenant.name).order_by(Tenant.id)).all()
    assert names == ["caller", "whole"]
    assert sent == [("default", "poll", 2)]


@contextmanager
def _entry_point(folder: Path, name: str, target: str) -> Iterator[None]:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[koppelwerk.plugins]\n{name} = {target}\n")
    yield


def test_a_plugin_of_another_package_is_found_by_its_entry_point(
    write: Write, tmp_path: Path
) -> None:
    write("alpha", hooks=SCHEDULE)
    write("beta")
    with _entry_point(tmp_path, "alpha", "alpha"):
        found = discover(tmp_path / "none")
        assert found["alpha"] == "alpha"
        assert "alpha" not in discover(tmp_path / "none", entry_points=False)
    registry = Registry()
    registry.load({"alpha": found["alpha"]})
    assert list(registry.plugins) == ["alpha"]
    assert registry.folder("alpha") == tmp_path / "alpha"


def test_an_entry_point_by_another_name_fails(write: Write) -> None:
    write("alpha")
    registry = Registry()
    registry.load({"renamed": "alpha"})
    assert registry.failed == {"renamed": "alpha is registered as renamed"}


def test_a_failed_plugin_is_listed_and_the_application_starts(
    write: Write, tmp_path: Path, settings: Settings
) -> None:
    write("alpha", "raise RuntimeError('out of order')")
    with _entry_point(tmp_path, "alpha", "alpha"):
        app = create_app(settings)
    runner = app.test_cli_runner()
    listed = runner.invoke(args=["plugins", "list"]).output.splitlines()
    (line,) = [line for line in listed if line.startswith("alpha\t")]
    assert line.endswith("failed: RuntimeError: out of order")
    assert any(line.endswith("\tloaded") for line in listed)
    checked = runner.invoke(args=["plugins", "check", "alpha"])
    assert checked.exit_code == 1
    assert "does not load: RuntimeError: out of order" in checked.output
    assert CliRunner().invoke(app.cli, ["plugins", "check", "nowhere"]).exit_code == 1


def test_what_fails_later_takes_those_that_need_it_along(write: Write) -> None:
    write("alpha", hooks=SCHEDULE)
    write("beta", hooks=SCHEDULE, depends=["alpha"])
    write("gamma", hooks=SCHEDULE)
    registry = loaded("alpha", "beta", "gamma")
    registry.fail("alpha", RuntimeError("no pages"))
    assert list(registry.plugins) == ["gamma"]
    assert registry.failed == {
        "alpha": "RuntimeError: no pages",
        "beta": "needs alpha, which did not load",
    }
    registry.dispatch("on_schedule", ["alpha", "beta", "gamma"], EVENT)
    assert sys.modules["alpha.hooks"].calls == []
    assert sys.modules["gamma.hooks"].calls == [EVENT]


OWN_SETTINGS = """
from dataclasses import dataclass
from core.plugin.capabilities import Plugin
from core.plugin.registry import manifest_of
from core.plugin.settings import setting
@dataclass({arguments})
class Settings:
    {name}: str = setting("", "a test's")
plugin = Plugin(manifest=manifest_of(__file__), settings=Settings)
"""


def test_a_prefix_of_settings_belongs_to_the_first_plugin_that_names_it(
    write: Write,
) -> None:
    for name, prefix in (
        ("alpha", "shared_"), ("beta", "shared_more_"), ("gamma", "drain_"),
        ("delta", "delta_"), ("epsilon", "delta"),
    ):  # fmt: skip
        write(name, settings=[prefix])
    registry = Registry(core_settings=["DRAIN_BATCH"])
    names = ("gamma", "delta", "beta", "alpha", "epsilon")
    registry.load({name: name for name in names})
    assert list(registry.plugins) == ["beta", "delta"]
    assert registry.failed == {
        "alpha": "settings shared_ are those of beta",
        "gamma": "settings drain_ are the core's",
        "epsilon": "__manifest__.py of epsilon: a prefix ends in _, as acme_",
    }


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("other_url", "frozen=True", "alpha: other_url has no prefix of its own"),
        ("alpha_url", "", "alpha: settings are a frozen dataclass"),
        ("alpha_url", "frozen=True", None),
    ],
)
def test_settings_begin_with_a_prefix_of_the_plugin(
    write: Write, name: str, arguments: str, reason: str | None
) -> None:
    code = OWN_SETTINGS.format(name=name, arguments=arguments)
    write("alpha", code, settings=["alpha_"])
    registry = Registry(environ={"ALPHA_URL": "http://alpha"})
    registry.load({"alpha": "alpha"})
    assert registry.failed.get("alpha") == reason
    if reason is None:
        assert registry.settings["alpha"].alpha_url == "http://alpha"


_TABLES: Mapping[str, tuple[str, str, str]] = {
    # plugin: table, what it refers to, how it is declared
    "right": ("right_row", "tenant.id", "(Row,)"),
    "bare": ("row_of_bare", "tenant.id", "(Row,)"),
    "hidden": ("hidden_row", "tenant.id", "()"),
    "nosy": ("nosy_row", "right_row.id", "(Row,)"),
}


def test_tables_carry_the_prefix_and_refer_to_the_core_only(
    write: Write, tmp_path: Path
) -> None:
    """In a process of its own: a table that was declared stays."""
    for name, (table, target, models) in _TABLES.items():
        write(
            name,
            "from sqlalchemy import ForeignKey\n"
            "from sqlalchemy.orm import Mapped, mapped_column\n"
            "from core.models import Base\n"
            "from core.plugin.capabilities import Plugin\n"
            "from core.plugin.registry import manifest_of\n"
            "class Row(Base):\n"
            f"    __tablename__ = '{table}'\n"
            "    id: Mapped[int] = mapped_column(primary_key=True)\n"
            f"    other: Mapped[int] = mapped_column(ForeignKey('{target}'))\n"
            f"plugin = Plugin(manifest=manifest_of(__file__), models={models})\n",
            depends=["right"] if name == "nosy" else [],
        )
    script = (
        "import logging, structlog; from core.plugin.registry import Registry\n"
        "structlog.configure(logger_factory=structlog.ReturnLoggerFactory())\n"
        f"r = Registry(); r.load({{n: n for n in {list(_TABLES)!r}}})\n"
        "print(repr((list(r.plugins), r.failed)))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": f"{root}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
    )
    plugins, failed = ast.literal_eval(done.stdout)
    assert plugins == ["right"]
    assert failed == {
        "bare": "table row_of_bare lacks the prefix bare_",
        "hidden": "table hidden_row is not among the plugin's models",
        "nosy": "table nosy_row refers to right_row",
    }
