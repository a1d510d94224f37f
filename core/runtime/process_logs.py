"""Log lines: structured, redacted, one per event."""

import logging
from contextlib import suppress
from typing import Any

import structlog

from core.domain.redact import is_sensitive, redact
from core.runtime.settings import Settings


def _redact_values(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: Any) -> Any:
    if is_sensitive(key):
        return "***"
    return redact(value) if isinstance(value, str) else value


class _Printer(structlog.PrintLogger):
    """Prints lines; one that finds no room on the disk fails nobody's work."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _printer(*_names: Any) -> _Printer:
    return _Printer()


def configure_logs(settings: Settings) -> None:
    """Set up logging for the process; secrets and personal data are masked."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_values,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_printer,
        cache_logger_on_first_use=False,
    )
