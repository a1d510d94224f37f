"""The sign of life of a worker that sends: while it gives it, its lease goes on.

So a lease can be short: documents of a host that is gone are another's within half a
minute, and one slow call of a host that lives loses nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import structlog
from flask import current_app

from core.domain.errors import LeaseLost
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope

logger = structlog.get_logger(__name__)


@contextmanager
def beating(renew: Callable[[], None], every: float) -> Iterator[None]:
    """Renew each so many seconds, in a thread of its own, until the end of the block.

    Once the lease is another's it stops; what is being done then writes nothing any
    more. A database that is away for a moment is asked again.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    ended = Event()

    def beat() -> None:
        with app.app_context(), system_scope():
            while not ended.wait(every):
                try:
                    renew()
                except LeaseLost:
                    return
                except Exception as error:
                    logger.warning("lease not renewed", error=type(error).__name__)
                finally:
                    db.session.remove()

    thread = Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
