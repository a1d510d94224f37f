"""Validates every message in a folder with Arelle; prints error codes as JSON.

Run as a process of its own: PACKAGE FOLDER. Any connection is an error.
"""

import json
import logging
import socket
import sys
from pathlib import Path


def _refuse(*_args: object, **_named: object) -> None:
    raise OSError("the network is off limits")


socket.socket.connect = _refuse  # type: ignore[assignment,method-assign]
socket.getaddrinfo = _refuse  # type: ignore[assignment]

from arelle import (  # noqa: E402  after the guard
    Cntlr,
    PackageManager,
    Validate,
    ValidateXbrlDTS,
)
from arelle.ModelDocument import ModelDocument, Type  # noqa: E402
from arelle.ModelFormulaObject import FormulaOptions  # noqa: E402


class _Codes(logging.Handler):
    """Keeps the codes of errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.codes: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.codes.append(str(getattr(record, "messageCode", "?")))


_check = ValidateXbrlDTS.checkDTS
_checked: set[str] = set()


def _check_once(work: object, document: ModelDocument, checked: set[object]) -> None:
    """Check a document of the taxonomy with the first message that reaches it."""
    is_own = document.type == Type.INSTANCE
    if is_own or document.uri not in _checked:
        _checked.add(document.uri)
        _check(work, document, checked)


ValidateXbrlDTS.checkDTS = _check_once


def main(package: str, folder: str) -> None:
    """Load the package once, then validate each message."""
    controller = Cntlr.Cntlr(logFileName="logToBuffer")
    controller.webCache.workOffline = True
    PackageManager.addPackage(controller, package)
    PackageManager.rebuildRemappings(controller)
    manager = controller.modelManager
    manager.formulaOptions = FormulaOptions()
    codes = _Codes()
    controller.logger.addHandler(codes)
    found = {}
    for path in sorted(Path(folder).glob("*.xbrl")):
        codes.codes = []
        model = manager.load(str(path))
        Validate.Validate(model).validate()
        found[path.stem] = list(codes.codes)
        manager.close()
    sys.stdout.write(json.dumps(found))


main(*sys.argv[1:])
