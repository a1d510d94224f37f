"""`python -m tests.chaos.sandbox PACKAGE ADDRESS PORT FOLDER`: a sandbox for hosts.

The kit's own command listens on the machine itself only.
"""

import importlib
import sys
from pathlib import Path

from core.kit.sandbox import serve


def main(package: str, address: str, port: str, folder: str) -> None:
    """Run a sandbox at an address until it is killed."""
    app = importlib.import_module(package).create_app(Path(folder) / f"{package}.db")
    serve(app, int(port), address)


if __name__ == "__main__":
    main(*sys.argv[1:])
