"""Forgetting what is over: links, choices, tries, looks at tenants, kept answers."""

from collections.abc import Callable, Mapping
from datetime import datetime

from core.plugin.engine.rounds import Part, run_parts
from core.runtime import throttle
from core.runtime.database import transaction
from core.runtime.tenancy import system_scope
from core.services.api import idempotency, webhooks_out
from core.services.crm import relation_import
from core.services.linking import choosing, oauth_flow
from core.services.operations import problem_files
from core.services.people import links, takeovers
from core.services.syncing import relation_lines


def _committed(name: str, sweep: Callable[[datetime], object]) -> Part:
    def run(now: datetime) -> None:
        with system_scope(), transaction():
            sweep(now)

    return Part(f"cleaning {name}", run)


_BY_NAME: Mapping[str, Callable[[datetime], object]] = {
    "links": links.sweep,
    "choices": choosing.sweep,
    "states of OAuth": oauth_flow.sweep,
    "tries": throttle.sweep,
    "takeovers": takeovers.sweep,
    "kept answers": idempotency.sweep,
    "webhooks": webhooks_out.sweep,
    "imports": relation_import.forget,
    "lines of runs": relation_lines.forget,
    "pictures of reports": problem_files.forget,
}
SWEEPS = tuple(_BY_NAME.values())
PARTS = tuple(_committed(name, sweep) for name, sweep in _BY_NAME.items())


def clean(now: datetime) -> None:
    """Forget it, each kind by itself; commits by itself."""
    run_parts(PARTS, now)
