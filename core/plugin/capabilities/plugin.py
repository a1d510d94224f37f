"""What a plugin hands over to the core: one `Plugin` in its `plugin.py`.

The manifest (`__manifest__.py`) is a literal that is read without importing the
plugin; the declaration names the rest. Everything is optional but the manifest: a
plugin that only offers a service to others has no connector.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from core.plugin.capabilities.capability import Capability, Task
from core.plugin.capabilities.connector import Connector
from core.plugin.capabilities.invoices import Invoices
from core.plugin.capabilities.orders import Orders
from core.plugin.capabilities.pages import Pages
from core.plugin.capabilities.purchases import Purchases
from core.plugin.capabilities.sandbox import Sandbox
from core.plugin.capabilities.sender import SenderFactory

if TYPE_CHECKING:
    from flask_babel import LazyString

    from core.models import Base
    from core.texts import ErrorText

C = TypeVar("C", bound=Capability)


@dataclass(frozen=True)
class Manifest:
    """The literal facts of a plugin, read without importing it."""

    name: str
    title: "LazyString | str"
    """The vendor's name, or ours for what it is, in the user's words."""
    summary: "LazyString | str"
    """What it does, in a shop owner's words."""
    version: str
    category: str
    """`shop`, `accounting`, `declaration` or `service`."""
    depends: tuple[str, ...] = ()
    auth: str = "none"
    """`oauth`, `form` or `none`: what its connector is."""
    interval: int | None = None
    """Minutes between scheduled runs, which the user may change; None: hourly, and
    the user is not asked."""
    settings: tuple[str, ...] = ()
    """What its settings begin with, such as `acme_`; nobody else's may."""


@dataclass(frozen=True)
class Plugin:
    """A plugin's declaration."""

    manifest: Manifest
    settings: type | None = None
    """Its own settings: a frozen dataclass (`core.plugin.settings`)."""
    brings: tuple[Capability, ...] = ()
    """What it can do, each in one object."""
    connector: Connector | None = None
    models: "tuple[type[Base], ...]" = ()
    tasks: Mapping[str, Task] = field(default_factory=dict)
    """RQ tasks by name, beside those that come with what it brings."""
    hooks: ModuleType | None = None
    """What it does at a hook beyond what follows from `brings`
    (`core.plugin.default_hooks`)."""
    texts: "Mapping[str, ErrorText]" = field(default_factory=dict)
    """The user's words for the plugin's own codes."""
    sandbox: Sandbox | None = None

    def __post_init__(self) -> None:
        """Raise ValueError when it brings a capability twice."""
        kinds = [type(each) for each in self.brings]
        if len(kinds) != len(set(kinds)):
            raise ValueError(f"{self.name} brings a capability twice")

    @property
    def has_switch(self) -> bool:
        """Tell whether it does anything by itself, which a tenant switches on or off.

        What only answers the questions of others has nothing to switch.
        """
        pages = self.find(Pages)
        own = (self.connector, self.hooks, self.tasks, pages and pages.blueprint)
        return any(own)

    @property
    def name(self) -> str:
        """The plugin's name, which is its folder's name."""
        return self.manifest.name

    def find(self, kind: type[C]) -> C | None:
        """Return the capability of a kind, if the plugin brings it."""
        return next((each for each in self.brings if isinstance(each, kind)), None)

    def sender(self, subject: str) -> SenderFactory:
        """Return who sends documents of a subject; KeyError when nobody does."""
        for each in self._packages:
            if each is not None and subject in each.subjects:
                return each.sender
        raise KeyError(subject)

    @property
    def all_tasks(self) -> Mapping[str, Task]:
        """Every RQ task by name; the plugin's own goes before a capability's."""
        brought = (each.tasks for each in self.brings)
        return {name: task for some in (*brought, self.tasks)
                for name, task in some.items()}  # fmt: skip

    @property
    def documents(self) -> "Mapping[str, LazyString]":
        """What documents become in its package, in the user's words."""
        return {
            name: words
            for each in self._packages
            for name, words in each.documents.items()
        }

    @property
    def how_to_find(self) -> "Mapping[str, LazyString]":
        """How its documents are found in its package, in the user's words."""
        return {
            name: words
            for each in self._packages
            for name, words in each.how_to_find.items()
        }

    @property
    def _packages(self) -> "list[Purchases | Invoices | Orders]":
        """What it takes documents by; of words of the same document the last count."""
        kinds = (self.find(Purchases), self.find(Invoices), self.find(Orders))
        return [each for each in kinds if each is not None]
