"""What a person has to look at before something is filed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Doubt:
    """Something that a rule cannot decide; the code has words in `law_texts`."""

    code: str
    about: str = ""
    """What it is about: the id of a row, a country, a box."""
    params: dict[str, str] = field(default_factory=dict)
    blocks: bool = True
    """False: told, a person may go on."""


def doubt(code: str, about: str = "", **params: object) -> Doubt:
    """Make a doubt that blocks."""
    return Doubt(code, about, {name: str(value) for name, value in params.items()})


def hint(code: str, about: str = "", **params: object) -> Doubt:
    """Make a doubt that is only told."""
    told = {name: str(value) for name, value in params.items()}
    return Doubt(code, about, told, blocks=False)


def blocking(doubts: Iterable[Doubt]) -> tuple[Doubt, ...]:
    """Return those that have to be solved first."""
    return tuple(each for each in doubts if each.blocks)
