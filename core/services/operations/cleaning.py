"""Forgetting what is over: links, choices, tries, looks at tenants, kept answers."""

from collections.abc import Callable
from datetime import datetime

from core.plugin.engine.rounds import Part, run_parts
from core.runtime import throttle
from core.runtime.database import transaction
from core.runtime.tenancy import system_scope
from core.services.api import idempotency, webhooks_out
from core.services.crm import relation_import
from core.services.linking import choosing
from core.services.operations import problem_files
from core.services.people import links, takeovers
from core.services.syncing import relation_lines


def _committed(name: str, sweep: Callable[[datetime], object]) -> Part:
    def run(now: datetime) -> None:
        with system_scope(), transaction():
            sweep(now)

    return Part(f"cleaning {name}", run)


PARTS = (
    _committed("links", links.sweep),
    _committed("choices", choosing.sweep),
    _committed("tries", throttle.sweep),
    _committed("takeovers", takeovers.sweep),
    _committed("kept answers", idempotency.sweep),
    _committed("webhooks", webhooks_out.sweep),
    _committed("imports", relation_import.forget),
    _committed("lines of runs", relation_lines.forget),
    _committed("pictures of reports", problem_files.forget),
)


def clean(now: datetime) -> None:
    """Forget it, each kind by itself; commits by itself."""
    run_parts(PARTS, now)
