"""The WSGI application: `flask --app wsgi serve`."""

import gc
import sys

# structlog would load it where it is installed, for tracebacks that nobody sees.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
gc.disable()  # nothing is garbage yet, and looking for it takes a tenth of the start

from core.main.app import create_app  # noqa: E402

app = create_app()
gc.freeze()
gc.enable()
