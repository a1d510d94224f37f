"""The WSGI application: `flask --app wsgi serve`."""

import gc
import sys

# structlog would load it where it is installed, for tracebacks that nobody sees.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
gc.disable()  # nothing is garbage yet, and looking for it takes a tenth of the start

from core.domain.errors import KoppelwerkError  # noqa: E402
from core.main.app import create_app  # noqa: E402

try:
    app = create_app()
except KoppelwerkError as error:
    sys.exit(f"Koppelwerk cannot start with these settings: {error}")
gc.freeze()
gc.enable()
