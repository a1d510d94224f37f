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

from core.kit.runner import Fork, Supervisor


def _program(module: str, *words: str) -> Callable[[], None]:
    command: click.Command = importlib.import_module(f"{module}.__main__").main
    return partial(command.main, list(words), standalone_mode=False)


@click.command()
@click.argument("programs")
@click.option("--logs", type=click.Path(path_type=Path), required=True)
def main(programs: str, logs: Path) -> None:
    """Run PROGRAMS until stopped; one that ends at once again and again ends all."""
    forks = [
        Fork(name, _program(*words)) for name, words in json.loads(programs).items()
    ]
    supervisor = Supervisor([], logs)
    try:
        for fork in forks:
            supervisor.start(fork)
        supervisor.watch()
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main()
