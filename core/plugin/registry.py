"""Discovery, order and dispatch: which plugins there are and who gets a hook."""

import ast
import importlib
import itertools
import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields, is_dataclass
from graphlib import CycleError, TopologicalSorter
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import pluggy
import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import Table

from core.models import DOCUMENT_LENGTH, Base
from core.plugin.capabilities import Capability, Manifest, Orders, Plugin
from core.plugin.default_hooks import DefaultHooks, follows
from core.plugin.hooks import Hooks
from core.plugin.settings import read
from core.texts import PluginTexts

ENTRY_POINTS = "koppelwerk.plugins"
"""Third-party plugins name their package under this entry point group."""

CATEGORIES = ("shop", "accounting", "declaration", "service")
AUTHS = ("oauth", "form", "none")
WORDS = ("title", "summary")
"""What of a manifest is the user's words; its English stands in the catalogue."""
_PREFIX = re.compile(r"[a-z][a-z0-9_]*_")

C = TypeVar("C", bound=Capability)
logger = structlog.get_logger(__name__)


class PluginError(Exception):
    """A plugin cannot be loaded; the text says what to mend."""


def read_manifest(folder: Path) -> Manifest:
    """Read a plugin folder's literal manifest without importing the plugin."""
    path = folder / "__manifest__.py"
    try:
        values = ast.literal_eval(path.read_text(encoding="utf-8"))
        lists = {name: tuple(values.get(name, ())) for name in ("depends", "settings")}
        words = {name: _l(values[name]) for name in WORDS if name in values}
        manifest = Manifest(**{**values, **lists, **words})
    except (OSError, ValueError, SyntaxError, TypeError, AttributeError) as error:
        raise PluginError(f"{path.name} of {folder.name}: {error}") from error
    if manifest.category not in CATEGORIES or manifest.auth not in AUTHS:
        raise PluginError(f"{path.name} of {folder.name}: unknown category or auth")
    if not all(_PREFIX.fullmatch(prefix) for prefix in manifest.settings):
        raise PluginError(f"{path.name} of {folder.name}: a prefix ends in _, as acme_")
    if manifest.name != folder.name:
        raise PluginError(f"{folder.name} calls itself {manifest.name}")
    return manifest


def discover(folder: Path, *, entry_points: bool = True) -> dict[str, str]:
    """Return plugin names with the package to import: own folder, then the others."""
    found = {
        path.parent.name: f"{folder.name}.{path.parent.name}"
        for path in sorted(folder.glob("*/__manifest__.py"))
    }
    if entry_points:
        for entry in metadata.entry_points(group=ENTRY_POINTS):
            found.setdefault(entry.name, entry.module)
    return found


def check_tables(plugin: Plugin, package: str) -> None:
    """Refuse tables without the plugin's prefix, or that refer to another plugin's."""
    prefix, core = f"{plugin.name}_", _core_tables()
    for model in {*plugin.models, *_models_in(package)}:
        table: Table = model.metadata.tables[model.__tablename__]
        if not table.name.startswith(prefix):
            raise PluginError(f"table {table.name} lacks the prefix {prefix}")
        if model not in plugin.models:
            raise PluginError(f"table {table.name} is not among the plugin's models")
        for key in table.foreign_keys:
            target = key.target_fullname.partition(".")[0]
            if not target.startswith(prefix) and target not in core:
                raise PluginError(f"table {table.name} refers to {target}")


def check_settings(plugin: Plugin) -> None:
    """Refuse settings that can be changed, or do not begin with an own prefix."""
    kind = plugin.settings
    if kind is None:
        return
    if not is_dataclass(kind) or kind.__setattr__ is object.__setattr__:
        raise PluginError(f"{plugin.name}: settings are a frozen dataclass")
    for item in fields(kind):
        if not item.name.startswith(plugin.manifest.settings):
            raise PluginError(f"{plugin.name}: {item.name} has no prefix of its own")


def check_documents(plugin: Plugin) -> None:
    """Refuse kinds of documents whose names do not fit where transfers keep them, and
    credits and ways to find of kinds that there are not."""
    for kind in plugin.documents:
        if not 0 < len(kind) <= DOCUMENT_LENGTH:
            most = DOCUMENT_LENGTH
            raise PluginError(f"document {kind}: a name has 1 to {most} characters")
    for kind in set(plugin.how_to_find) - set(plugin.documents):
        raise PluginError(f"tells how to find {kind}, which is none of its documents")
    orders = plugin.find(Orders)
    if orders is not None:
        for kind in set(orders.credits) - set(orders.documents):
            raise PluginError(f"credits {kind}, which is none of its documents")


def _models_in(package: str) -> set[type[Base]]:
    return {
        mapper.class_
        for mapper in Base.registry.mappers
        if f"{mapper.class_.__module__}.".startswith(f"{package}.")
    }


def _core_tables() -> set[str]:
    return {model.__tablename__ for model in _models_in("core")}


@dataclass
class Registry:
    """The loaded plugins in `depends` order, and those that failed with the reason."""

    plugins: dict[str, Plugin] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    """Of every plugin whose manifest can be read, loaded or failed."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What the loaded plugins with settings of their own read from the environment."""
    environ: Mapping[str, str] = field(default_factory=dict)
    core_settings: Sequence[str] = ()
    """Variables of the core, which no plugin may take."""
    savepoint: Callable[[], AbstractContextManager[Any]] = nullcontext
    """Wraps each hook call: a savepoint, so that what a failing one wrote is undone."""

    def __post_init__(self) -> None:
        self._hooks = Hooks()
        self._folders: dict[str, Path] = {}
        self._packages: dict[str, str] = {}

    def load(self, packages: dict[str, str]) -> None:
        """Load plugins; one that cannot be loaded is listed as failed."""
        self._packages.update(packages)
        for name, package in packages.items():
            try:
                self._folders[name] = _folder_of(package)
                manifest = read_manifest(self._folders[name])
                if manifest.name != name:
                    raise PluginError(f"{manifest.name} is registered as {name}")
                self.manifests[name] = manifest
            except Exception as error:  # a broken plugin must not stop the others
                self.fail(name, error)
        for name in self._in_order():
            try:
                self._load_one(self.manifests[name], packages[name])
            except Exception as error:  # as above
                self.fail(name, error)

    @property
    def folders(self) -> Mapping[str, Path]:
        """The folders of all plugins that were found, loaded or failed."""
        return self._folders

    def folder(self, name: str) -> Path:
        """Return the folder of a plugin, loaded or failed; KeyError without one."""
        return self._folders[name]

    def package(self, name: str) -> str:
        """Return the package a plugin is imported from; KeyError without one."""
        return self._packages[name]

    def get(self, name: str) -> Plugin:
        """Return a loaded plugin; KeyError when it is not there."""
        return self.plugins[name]

    def brought(self, kind: type[C]) -> dict[str, C]:
        """Return the capability of a kind by plugin, of those that bring it."""
        found = {name: plugin.find(kind) for name, plugin in self.plugins.items()}
        return {name: each for name, each in found.items() if each is not None}

    def add(self, plugin: Plugin) -> None:
        """Take a plugin in as the last one; PluginError when its hooks are wrong."""
        self._hooks.remove(plugin.name)
        if plugin.hooks is not None:
            try:
                self._hooks.add(plugin.hooks, plugin.name)
            except pluggy.PluginValidationError as error:
                raise PluginError(f"{plugin.name}: {error}") from error
        self.plugins[plugin.name] = plugin
        self._hooks.add_default(DefaultHooks(self.plugins, plugin.name), plugin.name)

    def fail(self, name: str, error: Exception) -> None:
        """List a plugin as failed, and with it those that need it; the rest goes on."""
        plugin = self.plugins.pop(name, None)
        if plugin is not None:
            self._hooks.remove(name)
        self.settings.pop(name, None)
        reason = str(error)
        if not isinstance(error, PluginError):
            reason = f"{type(error).__name__}: {reason}"
        logger.error("plugin failed to load", plugin=name, error=reason)
        self.failed[name] = reason
        for other in list(self.plugins.values()):
            if name in other.manifest.depends:
                self.fail(other.name, PluginError(f"needs {name}, which did not load"))

    def texts(self) -> PluginTexts:
        """Return the words that the plugins bring; the first to name a code wins."""
        found = [plugin.texts for plugin in self.plugins.values()]
        return PluginTexts(
            texts=ChainMap(*map(dict, found)),
            titles={name: one.manifest.title for name, one in self.plugins.items()},
        )

    def dispatch(
        self, hook: str, enabled: Iterable[str], event: Any
    ) -> dict[str, Exception]:
        """Call a hook for the enabled plugins; return what went wrong, by plugin."""
        own = self._hooks.implementers(hook)
        errors: dict[str, Exception] = {}
        for name in filter(set(enabled).__contains__, self.plugins):
            if not (name in own or follows(self.plugins[name], hook, event)):
                continue
            try:
                with self.savepoint():
                    self._hooks.call(hook, name, event)
            except Exception as error:  # never reaches the next plugin
                logger.exception("hook failed", hook=hook, plugin=name)
                errors[name] = error
        return errors

    def _in_order(self) -> list[str]:
        """Return the plugins to load: what others depend on first, then by name."""
        graph = {name: set(found.depends) for name, found in self.manifests.items()}
        for name in sorted(graph):
            missing = sorted(graph[name] - set(self.manifests))
            if missing:
                self.fail(name, PluginError(f"needs {', '.join(missing)}"))
                del graph[name]
        while (circle := _circle(graph)) is not None:
            for name in circle:
                self.fail(name, PluginError("depends on itself in a circle"))
                del graph[name]
        return [name for name in _levels(graph) if name in graph]

    def _load_one(self, manifest: Manifest, package: str) -> None:
        for needed in manifest.depends:
            if needed not in self.plugins:
                raise PluginError(f"needs {needed}, which did not load")
        self._check_prefixes(manifest)
        plugin: Plugin = importlib.import_module(f"{package}.plugin").plugin
        if plugin.manifest != manifest:
            raise PluginError(f"{manifest.name}: declaration and manifest differ")
        check_settings(plugin)
        check_tables(plugin, package)
        check_documents(plugin)
        if plugin.settings is not None:
            values = read(plugin.settings, self.environ)
            self.settings[plugin.name] = plugin.settings(**values)
        self.add(plugin)

    def _check_prefixes(self, manifest: Manifest) -> None:
        """Refuse a prefix of the core, or of a plugin that was found before."""
        before = itertools.takewhile(lambda name: name != manifest.name, self.manifests)
        taken = {name: self.manifests[name].settings for name in before}
        for own in manifest.settings:
            if any(name.lower().startswith(own) for name in self.core_settings):
                raise PluginError(f"settings {own} are the core's")
            for name, prefixes in taken.items():
                if any(own.startswith(one) or one.startswith(own) for one in prefixes):
                    raise PluginError(f"settings {own} are those of {name}")


def _circle(graph: dict[str, set[str]]) -> set[str] | None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return set(error.args[1])
    return None


def _levels(graph: dict[str, set[str]]) -> list[str]:
    order: list[str] = []
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PluginError(f"{package} is not a package")
    return Path(next(iter(spec.submodule_search_locations)))


def manifest_of(module_file: str) -> Manifest:
    """Return the manifest beside a plugin's `plugin.py` (call with `__file__`)."""
    return read_manifest(Path(module_file).parent)
