"""What a demo shop sold before the product came: mostly plain, a few that ask care."""

import random
from datetime import datetime, timedelta
from typing import Any

from plugins.kmoshops.sandbox.testorders import EVERY_KIND, random_spec

_Spec = dict[str, Any]

_PLAIN = "gewoon, of uit België"
_KINDS = (
    *(_PLAIN,) * 5, "Noord-Ierland", "varianten", *(_PLAIN,) * 4,
    "consument in Duitsland", "betaalkorting", "fooi", *(_PLAIN,) * 4,
    "verzending over twee tarieven", "alles gratis", *(_PLAIN,) * 4,
    "cadeaubon verkocht", "deels terugbetaald", *(_PLAIN,) * 3, "fooi",
    "geheel terugbetaald", *(_PLAIN,) * 3, "statiegeld als toeslag",
    "bedrijf", *(_PLAIN,) * 3, "fooi",
)  # fmt: skip
"""Oldest first. What asks the owner (Northern Ireland, tips, a gift card, a deposit) is
honest: the shop sold something that the configuration does not know yet."""
_UNPAID = 3
"""So many of the newest plain ones wait for their payment."""


def past(now: datetime, days: int) -> list[_Spec]:
    """Return specifications of orders over the days before `now`, oldest first."""
    dice = random.Random(now.toordinal())
    step = timedelta(days=days) / len(_KINDS)
    made = []
    for ago, kind in zip(range(len(_KINDS), 0, -1), _KINDS, strict=True):
        late = timedelta(minutes=dice.randrange(90))
        created = now - step * ago + late
        made.append(
            {**EVERY_KIND.get(kind, random_spec)(dice), "created": created.isoformat()}
        )
    plain = [spec for spec, kind in zip(made, _KINDS, strict=True) if kind == _PLAIN]
    for spec in plain[-_UNPAID:]:
        spec["payment_status"] = "AWAITING_PAYMENT"
    return made
