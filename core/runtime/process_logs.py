"""Log lines: structured, redacted, one per event; those of libraries too."""

import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from core.domain.redact import MASK, is_sensitive, redact
from core.runtime.settings import Settings


class RedactedRecord(logging.LogRecord):
    """A line of the standard library's logging, as any handler may show it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """See logging; the traceback is put into words here, before any formatter."""
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0]:
            trace = "".join(traceback.format_exception(*self.exc_info))
            self.exc_text = redact(trace.rstrip())

    def getMessage(self) -> str:  # noqa: N802  logging's name
        """See logging."""
        return redact(super().getMessage())


def _redact_values(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: Any) -> Any:
    if is_sensitive(key):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {name: _redacted(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", each) for each in value]
    return redact(str(value))


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
    logging.setLogRecordFactory(RedactedRecord)
    sys.excepthook = _say_last_words
    threading.excepthook = _say_last_words_of_thread


def _say_last_words(kind: Any, error: Any, trace: Any) -> None:
    """Write an error that nobody caught as Python does, without secrets."""
    for line in "".join(traceback.format_exception(kind, error, trace)).splitlines():
        sys.stderr.write(redact(line) + "\n")


def _say_last_words_of_thread(args: threading.ExceptHookArgs) -> None:
    _say_last_words(args.exc_type, args.exc_value, args.exc_traceback)
