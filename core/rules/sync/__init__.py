"""What keeps the CRM's relations and a package's in step: a plan of writes. Pure.

Both sides come as texts in the same words: a plugin's mapping says what a relation
looks like in its package and the reverse. A link remembers a hash of each side from
when the two were last in step, so that it is known which side changed since:

- nothing changed: nothing to do, also where the package writes a value its own way
- one side changed: the other follows, when that direction is switched on
- both changed, or they meet for the first time: the CRM wins; what is overwritten is
  named, so that it can be kept

Nothing is ever deleted on the other side. What is deleted in the package comes back
while the CRM has it; what is deleted in the CRM stays in the package and does not
return (manuals 000 to 002: the CRM leads). Records meet by role and number, and only
when both are unique; everything else is a conflict for the user.
"""

from core.rules.sync.planner import ImplausibleList, plan
from core.rules.sync.records import (
    Action,
    Conflict,
    CreateIn,
    CreateOut,
    Link,
    Local,
    Remote,
    Store,
    UpdateIn,
    UpdateOut,
    Values,
    Ways,
    linked,
)

__all__ = [
    "Action",
    "Conflict",
    "CreateIn",
    "CreateOut",
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
    "plan",
]
