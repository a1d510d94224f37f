"""A product of its own in a temporary folder, and printing what was measured."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from core.main.stack import Stack, free_port
from core.plugin.capabilities import Orders, Sandbox, Shop
from core.runtime.extensions import koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope


@dataclass(frozen=True)
class Side:
    address: str
    sandbox: Sandbox


@contextmanager
def running(*, workers: bool = True) -> Iterator[Stack]:
    """Run a product of its own in a temporary folder."""
    from flask_migrate import upgrade

    from core.main.app import create_app  # the composition root imports the commands

    with tempfile.TemporaryDirectory(prefix="kwbench-") as folder:
        settings = replace(
            Settings(),
            var_dir=str(Path(folder) / "v"),
            public_url=f"http://127.0.0.1:{free_port()}",
            log_level="ERROR",
            bench_route=True,
        )
        registry = koppelwerk().registry
        sandboxes = {
            name: plugin.sandbox
            for name, plugin in registry.plugins.items()
            if plugin.sandbox is not None
        }
        for sandbox in sandboxes.values():
            settings = settings.with_environ(sandbox.bench.without_limits)
        stack = Stack(settings, registry, {name: free_port() for name in sandboxes})
        try:
            stack.start_outside()
            for name, (_, sandbox) in stack.sandboxes.items():
                if sandbox.bench.unlimited is not None:
                    sandbox.bench.unlimited(stack.addresses[name])
            app = create_app(stack.settings)
            with app.app_context(), system_scope():
                upgrade(revision="heads")
                stack.prepare("bench-bench-bench")
                if workers:
                    stack.start_product(app)
                else:
                    stack.start_web(app)
                    stack.wait_for_web()
                yield stack
        finally:
            stack.stop()


def pair(stack: Stack) -> tuple[Side, Side]:
    """Return the first shop that can hold its orders, and the first package."""
    sides = [
        (plugin, Side(stack.addresses[name], sandbox))
        for name, (plugin, sandbox) in stack.sandboxes.items()
    ]
    shop = next(side for plugin, side in sides if plugin.find(Shop))
    package = next(side for plugin, side in sides if plugin.find(Orders))
    return shop, package


def show(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        click.echo(f"{name:26} {value}")
