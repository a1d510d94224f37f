"""How plugins reach what stands above the border: by a port, filled in at start.

This package knows no service. Each of its modules says as a Protocol what it needs;
`core.main.wiring` provides the module that does it, and mypy holds the two together.
To a plugin the calls are plain functions: `from core.plugin.database import session`.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Port(Generic[T]):
    """What one module of the border needs of the core."""

    def __init__(self) -> None:
        self._provided: T | None = None

    @property
    def calls(self) -> T:
        """Return the functions of the port; they may be taken before it is filled."""
        return cast(T, _Calls(self))

    def provide(self, implementation: T) -> None:
        """Fill the port: a module, or an object, with these functions."""
        self._provided = implementation

    def find(self, name: str) -> Callable[..., Any]:
        """Return a function of what was provided; RuntimeError before the start."""
        if self._provided is None:
            raise RuntimeError(f"{name} is asked for before an application was made")
        found: Callable[..., Any] = getattr(self._provided, name)
        return found


class _Calls:
    def __init__(self, port: Port[Any]) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._port.find(name)(*args, **kwargs)

        return call
