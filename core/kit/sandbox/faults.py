"""Faults that a test injects into a sandbox through its control address.

General kinds, done by the kit for every request that matches:

latency        wait `seconds`, then answer as usual
status         answer `status` (with `retry_after` and `body` when given)
html           answer 200, or `status`, with an HTML page, nothing done
html_after     do the request, answer 200 with an HTML page
drop           close the connection, nothing done
drop_after     do the request, close the connection without an answer
late_commit    close the connection now, do the request `seconds` later

Any other kind belongs to the sandbox itself, which asks for it with `take`.
"""

import random
import re
import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

GENERAL = frozenset(
    ("latency", "status", "html", "html_after", "drop", "drop_after", "late_commit")
)


@dataclass
class Fault:
    """One rule: what happens to which requests, how often."""

    kind: str
    method: str = ""
    path: str = ""
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    seed: int = 1
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._pattern = re.compile(self.path)

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether the rule hits this request, and count the hit."""
        if self.method not in ("", method) or not self._pattern.search(path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times == 0 or self._random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The rules in force; the first one that strikes decides."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []
        self.struck: Counter[str] = Counter()
        """How often each kind struck; a status is a kind of its own."""

    def add(self, rule: dict[str, Any]) -> None:
        """Add a rule; keys that are not its fields become its options."""
        known = {"kind", "method", "path", "times", "after", "probability", "seed"}
        fields = {key: value for key, value in rule.items() if key in known}
        fields["probability"] = float(fields.get("probability", 1))
        options = {key: value for key, value in rule.items() if key not in known}
        with self._lock:
            self._rules.append(Fault(**fields, options=options))

    def clear(self) -> None:
        """Drop all rules; what struck is still known."""
        with self._lock:
            self._rules.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the general fault that hits this request, if any."""
        return self._first(GENERAL, method, path)

    def take(self, kind: str, method: str = "", path: str = "") -> Fault | None:
        """Return the sandbox's own fault of this kind if it is due now."""
        return self._first((kind,), method, path)

    def _first(self, kinds: Collection[str], method: str, path: str) -> Fault | None:
        with self._lock:
            for rule in self._rules:
                if rule.kind in kinds and rule.strikes(method, path):
                    self.struck[str(rule.options.get("status", rule.kind))] += 1
                    return rule
        return None
