"""A plugin's sandbox, and how a demo and the benchmarks use it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click
    from flask_babel import LazyString

    from core.domain.relations import RelationData
    from core.net.oauth import Tokens
    from core.rules.sync import CreateOut, Remote

    FillRelations = Callable[
        [str, Any, Sequence[tuple[RelationData, CreateOut]]], Sequence[Remote]
    ]

SignedPost = tuple[str, bytes, dict[str, str]]
"""Address, body and headers of a webhook."""


@dataclass(frozen=True)
class Bench:
    """What `flask bench` asks of a sandbox; each measurement takes part if it can."""

    unlimited: Callable[[str], None] | None = None
    """Switch its rate limit off."""
    without_limits: Mapping[str, str] = field(default_factory=dict)
    """Settings with which we make as many calls as we can."""
    hold_orders: Callable[[str, str, int], None] | None = None
    """Make so many orders whose webhooks wait; gets address, product's, count."""
    release_orders: Callable[[str], None] | None = None
    """Send the webhooks that wait."""
    webhook_requests: "Callable[[str, int], list[SignedPost]] | None" = None
    """Make so many signed webhooks for a product at an address, for `bench webhook`."""
    bare_loop: Callable[[str, int], float] | None = None
    """Do so many of the writes of a booked order, nothing else; return seconds."""
    fill_relations: "FillRelations | None" = None
    """Make records as the open `RelationPackage` would one by one, and let it know them
    as read; gets address, package, and what is made."""


@dataclass(frozen=True)
class Stop:
    """Something to try in a demo, on a page of the sandbox."""

    title: "LazyString | str"
    """The link's words: what the user does there."""
    text: "LazyString | str"
    """What comes of it, and where in the product it shows."""
    path: str = "/"
    """Behind the sandbox's address."""


@dataclass(frozen=True)
class Sandbox:
    """The simulator of a plugin's outside system, and how a demo uses it.

    The simulator itself is the plugin's package `sandbox`: its `create_app` makes the
    application from a database path. It runs as a process of its own that knows
    nothing of the product.
    """

    port: int
    """Loopback port of `make run`."""
    environ: Callable[[str], dict[str, str]]
    """Settings that point the product at the sandbox's address."""
    grant: "Callable[[str], Tokens] | None" = None
    """Get tokens through the control address, without the login pages.

    Of a plugin with auth `form`: the values of its form
    (`core.plugin.connections.filled_in`)."""
    couples: bool = True
    """Whether the demo couples it too; False: it is connected, the user couples."""
    seed: Callable[[str, int], None] | None = None
    """Make what the demo's tenant needs beside connections; gets the sandbox's address
    and the tenant's id, in the product's context. Called at every start."""
    begin_demo: Callable[[str, str], None] | None = None
    """Let orders come in for the demo; gets its address and the product's."""
    tour: Sequence[Stop] = ()
    """What a demo's first page invites to."""
    commands: "Sequence[click.Command]" = ()
    """Commands that `flask sandbox` offers for it."""
    bench: Bench = field(default_factory=Bench)
    """What only `flask bench` uses."""
