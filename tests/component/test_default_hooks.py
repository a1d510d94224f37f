"""What follows at a hook from what a plugin brings, and its own hooks on top."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from flask_wtf import FlaskForm

from core.domain.events import InvoiceSent, OrderReady, RelationChanged, ScheduleDue
from core.models import PaymentMapping, VatMapping
from core.plugin import default_hooks
from core.plugin.capabilities import (
    Capability,
    Choices,
    Invoices,
    Manifest,
    Orders,
    Plugin,
    ReferenceData,
    Relations,
    Shop,
)
from core.plugin.hooks import hookimpl
from core.plugin.registry import PluginError, Registry

ORDERS = Orders(
    sender=lambda _: pytest.fail("nothing is sent here"),
    form=FlaskForm,
    vat_mapping=VatMapping,
    payment_mapping=PaymentMapping,
    choices=lambda _: Choices(),
    problems=lambda _: [],
)
INVOICES = Invoices(sender=ORDERS.sender, form=FlaskForm)
SCHEDULE = ScheduleDue(1, 2, "alpha")
EVENTS: dict[str, Any] = {
    "on_order_ready": OrderReady(1, 2, 3, frozenset({"alpha"})),
    "on_invoice_sent": InvoiceSent(1, 4),
    "on_relation_changed": RelationChanged(1, 5, frozenset({"name"}), None),
    "on_schedule": SCHEDULE,
}


def relations(**flags: bool) -> Relations:
    return Relations(open=ORDERS.sender, form=FlaskForm, **flags)  # type: ignore[arg-type]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the core was asked for, in order."""
    found: list[tuple[Any, ...]] = []

    def noting(name: str) -> Callable[..., None]:
        return lambda _event, *plugin: found.append((name, *plugin))

    names = ("order_ready", "invoice_sent", "relation_changed", "relations_due")
    core = SimpleNamespace(**{name: noting(name) for name in names})
    monkeypatch.setattr(default_hooks.port, "_provided", core)
    monkeypatch.setattr(
        default_hooks.wakeups,
        "wake_after_commit",
        lambda task, argument, queue: found.append((task, argument, queue)),
    )
    return found


def registry_of(*brings: Capability, hooks: Any = None) -> Registry:
    registry = Registry()
    manifest = Manifest("alpha", "Alpha", "", "1", "accounting")
    registry.add(Plugin(manifest, brings=brings, hooks=hooks))
    return registry


@pytest.mark.parametrize(
    ("brings", "hook", "expected"),
    [
        (ORDERS, "on_order_ready", [("order_ready", "alpha")]),
        (ORDERS, "on_invoice_sent", []),
        (INVOICES, "on_invoice_sent", [("invoice_sent", "alpha")]),
        (relations(), "on_relation_changed", [("relation_changed", "alpha")]),
        (relations(follows_changes=False), "on_relation_changed", []),
        (relations(follows_changes=False), "on_schedule", [("relations_due",)]),
        (
            ReferenceData(load=lambda _: None),
            "on_schedule",
            [("load_reference", 2, "bulk")],
        ),
        (
            Shop(inbox=print, poll=print, recheck=print),
            "on_schedule",
            [("poll", 2, "reading")],
        ),
    ],
)
def test_what_follows_from_what_a_plugin_brings(
    done: list[Any], brings: Capability, hook: str, expected: list[Any]
) -> None:
    errors = registry_of(brings).dispatch(hook, ["alpha"], EVENTS[hook])
    assert (done, errors) == (expected, {})


def test_a_plugins_own_hook_comes_on_top(done: list[Any]) -> None:
    @hookimpl
    def on_schedule(event: ScheduleDue) -> None:
        done.append(("own", event.connection_id))

    own = ModuleType("hooks")
    own.on_schedule = on_schedule  # type: ignore[attr-defined]
    registry = registry_of(ReferenceData(load=lambda _: None), hooks=own)
    registry.dispatch("on_schedule", ["alpha"], SCHEDULE)
    assert done == [("load_reference", 2, "bulk"), ("own", 2)]


def test_a_plugin_that_failed_is_asked_nothing(done: list[Any]) -> None:
    registry = registry_of(ORDERS)
    registry.fail("alpha", PluginError("no"))
    registry.dispatch("on_order_ready", ["alpha"], EVENTS["on_order_ready"])
    assert done == []


def test_a_plugin_brings_each_kind_once() -> None:
    manifest = Manifest("alpha", "Alpha", "", "1", "accounting")
    with pytest.raises(ValueError, match="twice"):
        Plugin(manifest, brings=(ORDERS, ORDERS))
