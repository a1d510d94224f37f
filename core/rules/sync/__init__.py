"""What keeps the CRM's relations and a package's in step: a plan of writes. Pure.

Both sides come as texts in the same words: a plugin's mapping says what a relation
looks like in its package and the reverse. They meet by role and number, and only when
both are unique and the two cards are clearly one party (`core.rules.parties`); all
else is a conflict for the user, and nothing is written for it on either side.

From then on they are linked, whatever becomes of their names and numbers, but for a
card that somebody in the package made another's: that is a conflict again. A link
remembers what each field was on both sides when the two were last in step:

- nothing changed: nothing to do, also where the package writes a value its own way
- a field changed on one side: it goes over, when that direction is switched on; when
  it is not, both stay as they are
- it changed on both, or both have one at the first meeting: the CRM wins; what is
  overwritten is named, so that it can be kept
- an address that changed on both is the CRM's whole: never one's street with the
  other's city

Nothing is ever deleted on the other side. What is deleted in the package comes back
while the CRM has it; what is deleted in the CRM stays in the package and does not
return (manuals 000 to 002: the CRM leads).
"""

from core.rules.sync.bases import linked
from core.rules.sync.planner import ImplausibleList, plan
from core.rules.sync.records import (
    Action,
    Choice,
    Conflict,
    CreateIn,
    CreateOut,
    Decided,
    Decisions,
    Link,
    Local,
    Remote,
    Store,
    UpdateIn,
    UpdateOut,
    Values,
    Ways,
    place_of,
)

__all__ = [
    "Action",
    "Choice",
    "Conflict",
    "CreateIn",
    "CreateOut",
    "Decided",
    "Decisions",
    "ImplausibleList",
    "Link",
    "Local",
    "Remote",
    "Store",
    "UpdateIn",
    "UpdateOut",
    "Values",
    "Ways",
    "linked",
    "place_of",
    "plan",
]
