"""`python -m core.kit.outside PROGRAMS`: simulators and mail catcher, forks of one.

What all of them are made with is loaded once and shared. Nothing of the product is
loaded: a sandbox that shared it with the clients would hide their faults. PROGRAMS is
a JSON object: the part's name, and the words that follow `python -m` to run it alone.
"""

import importlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from core.kit.runner import Fork, Part, PartFailedError, Supervisor


def given_up(logs: Path, name: str) -> Path:
    """Return the file that tells why a program was given up; absent while it runs."""
    return logs / f"{name}.failed"


def _program(module: str, *words: str) -> Callable[[], None]:
    command: click.Command = importlib.import_module(f"{module}.__main__").main
    return partial(command.main, list(words), standalone_mode=False)


class _Programs(Supervisor):
    """Gives one program up by itself, where it is told in a file beside its log."""

    def _revive(self, part: Part, gives_up: bool) -> None:
        try:
            super()._revive(part, gives_up)
        except PartFailedError as error:
            self.parts = [each for each in self.parts if each is not part]
            given_up(self.logs, part.name).write_text(str(error), "utf-8")


@click.command()
@click.argument("programs")
@click.option("--logs", type=click.Path(path_type=Path), required=True)
def main(programs: str, logs: Path) -> None:
    """Run PROGRAMS until stopped; one that ends again and again is given up."""
    forks = [
        Fork(name, _program(*words)) for name, words in json.loads(programs).items()
    ]
    supervisor = _Programs([], logs)
    for fork in forks:
        given_up(logs, fork.name).unlink(missing_ok=True)
    try:
        for fork in forks:
            supervisor.start(fork)
        supervisor.watch()
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main()
