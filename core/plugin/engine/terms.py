"""How long the engine waits and holds, as the application's settings say."""

from typing import Protocol

from core.plugin.ports import Port


class Terms(Protocol):
    """Its settings; seconds, but for `max_failures`."""

    @property
    def lease_seconds(self) -> int:
        """How long a worker holds a row."""

    @property
    def send_seconds(self) -> int:
        """The deadline of one call; who slept longer before it sends nothing."""

    @property
    def recheck_seconds(self) -> int:
        """Least time between a send without an answer and its second look-up."""

    @property
    def max_failures(self) -> int:
        """Failures after which a person is asked."""


class Source(Protocol):
    """Where they come from."""

    def settings(self) -> Terms:
        """Return the settings of the running application."""


port = Port[Source]()
terms = port.calls.settings
