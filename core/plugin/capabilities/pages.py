"""Pages: what a plugin shows of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.plugin.capabilities.capability import Capability
from core.plugin.capabilities.choices import Choices

if TYPE_CHECKING:
    from flask import Blueprint
    from flask_babel import LazyString
    from flask_wtf import FlaskForm

    from core.models import Connection


@dataclass(frozen=True)
class Section:
    """A part of a plugin's page at Koppelingen, beyond orders (manuals 000 to 002).

    It appears once the connection was checked well and `is_offered` says so. With a
    form, its values are kept in `connection.settings[name]`.
    """

    name: str
    """Part of its address, and the key of its settings."""
    title: "LazyString | str"
    is_offered: "Callable[[Connection], bool]" = lambda _connection: True
    form: "type[FlaskForm] | None" = None
    choices: "Callable[[Connection], Choices] | None" = None
    """For drop-downs of the form without choices of their own."""
    template: str = ""
    """Shown inside the section, with `connection` and what `context` returns."""
    context: "Callable[[Connection], Mapping[str, Any]] | None" = None
    saved: "Callable[[Connection, dict[str, Any]], None] | None" = None
    """Called in the transaction that stored the form's values; queues what follows."""


@dataclass(frozen=True)
class Tab:
    """An entry of a plugin's own in the main menu."""

    endpoint: str
    title: "LazyString"
    group: str = "books"
    """Where: `today`, `shop` (tenants with a shop only), `books` or `settings`."""


@dataclass(frozen=True)
class Pages(Capability):
    """What a plugin adds to our pages."""

    blueprint: "Callable[[], Blueprint] | None" = None
    """Own pages and webhook addresses, made on request."""
    sections: Sequence[Section] = ()
    """What its page at Koppelingen offers beyond orders, in the order shown."""
    tab: Tab | None = None
    """Shown to tenants that have it switched on, if their role may see it."""
    run_cost: "Callable[[Connection, int], str] | None" = None
    """What scheduled runs every so many minutes cost a month, in the user's words:
    stands beside each choice of the interval. For packages that meter their calls."""
    usage: "Callable[[int], str] | None" = None
    """What it did lately for a tenant (its id), in the user's words, for a service that
    only answers others: stands on its tile."""
