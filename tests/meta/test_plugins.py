"""Every plugin keeps the rules; hooks, codes and settings are documented."""

import inspect

import pytest
from flask import Flask

from core.main.commands import plugin_rules
from core.plugin import hooks
from core.plugin.capabilities import Plugin
from core.runtime.extensions import koppelwerk
from core.texts import TEXTS
from tests.meta.project import ROOT, plugin_names, product

NOT_OURS = ("core/kit/sandbox/", "core/kit/scaffold/", "core/domain/errors.py")


def _plugin(name: str) -> Plugin:
    return koppelwerk().registry.get(name)


def test_every_plugin_loads(app: Flask) -> None:
    registry = koppelwerk().registry
    assert registry.failed == {}
    assert set(registry.plugins) >= set(plugin_names())


@pytest.mark.parametrize("name", plugin_names())
def test_a_plugin_keeps_the_rules(app: Flask, name: str) -> None:
    folder = ROOT / "plugins" / name
    assert plugin_rules.problems(f"plugins.{name}", _plugin(name), folder) == []


@pytest.mark.parametrize("name", plugin_names())
def test_a_plugins_hooks_are_the_cores(app: Flask, name: str) -> None:
    plugin = _plugin(name)
    if plugin.hooks is None:
        return
    manager = hooks.Hooks()
    manager.add(plugin.hooks, name)
    assert [hook for hook in hooks.HOOKS if manager.implementers(hook) == {name}]


@pytest.mark.parametrize("name", plugin_names())
def test_a_plugins_tasks_take_one_id(app: Flask, name: str) -> None:
    for task in _plugin(name).all_tasks.values():
        (parameter,) = inspect.signature(task).parameters.values()
        assert parameter.annotation is int
        assert parameter.name.endswith("_id")


def test_hooks_are_those_that_are_declared() -> None:
    declared = [
        name
        for name, function in inspect.getmembers(hooks, inspect.isfunction)
        if name.startswith("on_") and hasattr(function, "koppelwerk_spec")
    ]
    assert sorted(declared) == sorted(hooks.HOOKS)


@pytest.mark.parametrize("hook", hooks.HOOKS)
def test_a_hook_is_documented(hook: str) -> None:
    assert len(getattr(hooks, hook).__doc__ or "") > 20
    assert f"`{hook}`" in (ROOT / "docs" / "plugins.md").read_text("utf-8")


def test_every_code_the_core_raises_has_a_text() -> None:
    raised = {
        (code, file.name)
        for file in product()
        if file.name.startswith("core/") and not file.name.startswith(NOT_OURS)
        for code in plugin_rules.raised_codes(file.tree)
    }
    assert len(raised) > 10
    assert sorted(found for found in raised if found[0] not in TEXTS) == []


def test_no_code_has_two_texts(app: Flask) -> None:
    seen = dict.fromkeys(TEXTS, "core")
    twice = []
    for name, plugin in koppelwerk().registry.plugins.items():
        twice += [(code, seen[code], name) for code in plugin.texts if code in seen]
        seen.update(dict.fromkeys(plugin.texts, name))
    assert twice == []


def test_each_sandbox_has_a_port_of_its_own(app: Flask) -> None:
    registry = app.extensions["koppelwerk"].registry
    ports = [plugin.sandbox.port for plugin in registry.plugins.values()
             if plugin.sandbox]  # fmt: skip
    assert len(ports) == len(set(ports)) >= 3
