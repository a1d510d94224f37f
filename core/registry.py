"""Discovery, order and dispatch: which plugins there are and who gets a hook."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pluggy
import structlog

from core import hooks
from core.plugin import Manifest, Plugin

ENTRY_POINTS = "koppelwerk.plugins"
"""Third-party plugins name their package under this entry point group."""

logger = structlog.get_logger(__name__)


class PluginError(Exception):
    """A plugin cannot be loaded; the text says what to mend."""


def read_manifest(folder: Path) -> Manifest:
    """Read a plugin folder's literal manifest without importing the plugin."""
    path = folder / "__manifest__.py"
    try:
        values = ast.literal_eval(path.read_text(encoding="utf-8"))
        manifest = Manifest(**{**values, "depends": tuple(values.get("depends", ()))})
    except (OSError, ValueError, SyntaxError, TypeError, AttributeError) as error:
        raise PluginError(f"{path.name} of {folder.name}: {error}") from error
    if manifest.name != folder.name:
        raise PluginError(f"{folder.name} calls itself {manifest.name}")
    return manifest


def discover(folder: Path, *, entry_points: bool = True) -> dict[str, str]:
    """Return plugin names with the package to import: own folder, then the others."""
    found = {
        path.parent.name: f"plugins.{path.parent.name}"
        for path in sorted(folder.glob("*/__manifest__.py"))
    }
    if entry_points:
        for entry in metadata.entry_points(group=ENTRY_POINTS):
            found.setdefault(entry.name, entry.value)
    return found


def check_hooks(plugin: Plugin) -> None:
    """Refuse a hook module with an unknown hook name or argument."""
    if plugin.hooks is None:
        return
    for name, function in inspect.getmembers(plugin.hooks, inspect.isfunction):
        if name.startswith("on_") and name not in hooks.HOOKS:
            raise PluginError(f"{plugin.name}: there is no hook {name}")
        if name in hooks.HOOKS:
            wanted = list(inspect.signature(getattr(hooks, name)).parameters)
            given = list(inspect.signature(function).parameters)
            if not set(given) <= set(wanted):
                raise PluginError(f"{plugin.name}.{name}: arguments {given}")


@dataclass
class Registry:
    """The loaded plugins in `depends` order, and those that failed with the reason."""

    plugins: dict[str, Plugin] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._manager = pluggy.PluginManager(hooks.PROJECT)
        self._manager.add_hookspecs(hooks)
        self._folders: dict[str, Path] = {}

    def load(self, packages: dict[str, str]) -> None:
        """Load plugins; one that cannot be loaded is listed as failed."""
        manifests: dict[str, Manifest] = {}
        for name, package in packages.items():
            try:
                manifests[name] = read_manifest(_folder_of(package))
            except PluginError as error:
                self._fail(name, error)
        for name in self._in_order(manifests):
            try:
                self._load_one(manifests[name], packages[name])
            except Exception as error:  # a broken plugin must not stop the others
                self._fail(name, error)

    def folder(self, name: str) -> Path:
        """Return the folder of a loaded plugin."""
        return self._folders[name]

    def get(self, name: str) -> Plugin:
        """Return a loaded plugin; KeyError when it is not there."""
        return self.plugins[name]

    def dispatch(
        self, hook: str, enabled: Iterable[str], event: Any
    ) -> dict[str, Exception]:
        """Call a hook for the enabled plugins; return what went wrong, by plugin."""
        wanted = set(enabled)
        errors: dict[str, Exception] = {}
        for name, plugin in self.plugins.items():
            call = getattr(plugin.hooks, hook, None)
            if name not in wanted or call is None:
                continue
            try:
                call(event=event)
            except Exception as error:  # never reaches the next plugin
                logger.exception("hook failed", hook=hook, plugin=name)
                errors[name] = error
        return errors

    def _fail(self, name: str, error: Exception) -> None:
        logger.error("plugin failed to load", plugin=name, error=str(error))
        self.failed[name] = str(error)

    def _in_order(self, manifests: dict[str, Manifest]) -> list[str]:
        graph: dict[str, set[str]] = {}
        for name in sorted(manifests):
            missing = set(manifests[name].depends) - set(manifests)
            if missing:
                self._fail(name, PluginError(f"needs {', '.join(sorted(missing))}"))
            else:
                graph[name] = set(manifests[name].depends)
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            for name in error.args[1]:
                if name in graph:
                    self._fail(name, PluginError("depends on itself in a circle"))
                    del graph[name]
            order = [name for name in graph if not graph[name] & set(self.failed)]
        return [name for name in order if name in graph]

    def _load_one(self, manifest: Manifest, package: str) -> None:
        for needed in manifest.depends:
            if needed not in self.plugins:
                raise PluginError(f"needs {needed}, which did not load")
        plugin: Plugin = importlib.import_module(package).plugin
        if plugin.manifest != manifest:
            raise PluginError(f"{manifest.name}: declaration and manifest differ")
        _check_tables(plugin)
        check_hooks(plugin)
        if plugin.hooks is not None:
            self._manager.register(plugin.hooks, manifest.name)
            self._manager.check_pending()
        self._folders[manifest.name] = _folder_of(package)
        self.plugins[manifest.name] = plugin


def _check_tables(plugin: Plugin) -> None:
    for model in plugin.models:
        if not model.__tablename__.startswith(f"{plugin.name}_"):
            raise PluginError(f"{model.__tablename__} lacks the prefix {plugin.name}_")


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PluginError(f"{package} is not a package")
    return Path(next(iter(spec.submodule_search_locations)))


def manifest_of(module_file: str) -> Manifest:
    """Return the manifest beside a plugin's `__init__.py` (call with `__file__`)."""
    return read_manifest(Path(module_file).parent)


TaskFunction = Callable[[int], None]
