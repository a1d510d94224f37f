"""Forgetting what is over: links, choices, tries, looks at tenants, kept answers."""

from datetime import datetime

from core.runtime import throttle
from core.runtime.database import transaction
from core.runtime.tenancy import system_scope
from core.services.api import idempotency, webhooks_out
from core.services.crm import relation_import
from core.services.linking import choosing
from core.services.people import links, takeovers


def clean(now: datetime) -> None:
    """Forget it; called by the dispatcher, commits by itself."""
    with system_scope(), transaction():
        links.sweep(now)
        choosing.sweep(now)
        throttle.sweep(now)
        takeovers.sweep(now)
        idempotency.sweep(now)
        webhooks_out.sweep(now)
        relation_import.forget(now)
