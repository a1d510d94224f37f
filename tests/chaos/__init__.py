"""The fault runs T1 to T24 by name and at any size: `python -m tests.chaos T1`.

They stand among the tests because they use what tests use: the sandboxes, the counted
points to kill at, a server of their own. `docs/faults.md` lists them, and says which
were run.
"""

from collections.abc import Mapping
from typing import Any

BAD = ("lost", "double", "double_customers", "stranded", "open_steps", "gaps", "cents",
       "told", "asking", "revoked", "different", "unfair", "uncut")  # fmt: skip


def is_good(found: Mapping[str, Any]) -> bool:
    """Tell whether nothing was lost, doubled, left lying or told."""
    return not any(found.get(name) for name in BAD)
