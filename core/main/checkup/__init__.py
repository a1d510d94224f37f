"""What is wrong with an installation, each fault with the action that ends it.

For `flask doctor`. A check is a function that yields findings; CHECKS names them all.
What is fine for trying out on this machine (no mail server, sample particulars) is
wrong once PUBLIC_URL is another's address.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.main.checkup import installation, services
from core.main.checkup.finding import Finding

CHECKS: Mapping[str, Callable[[], Iterable[Finding]]] = {
    "address": installation.address,
    "keys": installation.keys,
    "files": installation.files,
    "settings": installation.values,
    "plugins": installation.plugins,
    "disk": services.disks,
    "database": services.database,
    "migrations": services.migrations,
    "tenants": services.tenants,
    "clock": services.clock,
    "redis": services.redis,
    "workers": services.workers,
    "mail": services.mail,
}


@dataclass(frozen=True)
class Part:
    """One part of the installation, and what was found there."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def is_wrong(self) -> bool:
        """Tell whether something has to be done."""
        return any(finding.is_wrong for finding in self.findings)


def look() -> list[Part]:
    """Run every check; one that cannot be made is a finding of its own."""
    return [Part(name, _run(check)) for name, check in CHECKS.items()]


def _run(check: Callable[[], Iterable[Finding]]) -> tuple[Finding, ...]:
    try:
        return tuple(check())
    except Exception as error:  # one part must not hide the others
        first = next(iter(str(getattr(error, "orig", error)).splitlines()), "")
        said = f"this could not be looked at: {type(error).__name__}: {first}"
        return (Finding(said, "Mend what the other findings name, and look again."),)
