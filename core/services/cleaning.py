"""Forgetting what is over: links, windows of tries, operators' looks at tenants."""

from datetime import datetime

from core.services import links, takeovers, throttle
from core.services.database import transaction


def clean(now: datetime) -> None:
    """Forget it; called by the dispatcher, commits by itself."""
    with transaction():
        links.sweep(now)
        throttle.sweep(now)
        takeovers.sweep(now)
