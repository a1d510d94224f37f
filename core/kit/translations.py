"""Compiles all catalogues when called: `python -m core.kit.translations`.

gettext reads `.mo` files; these are made anew of every `.po` that is newer. Of the core
and `plugins/` only: a plugin that comes from elsewhere brings its `.mo` files along.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    "core/texts/translations/*/LC_MESSAGES/*.po",
    "plugins/*/translations/*/LC_MESSAGES/*.po",
)


def catalogues(root: Path) -> Iterator[Path]:
    """Yield the catalogues below a project's folder."""
    for place in PLACES:
        yield from sorted(root.glob(place))


def compile_all(root: Path) -> None:
    """Compile the catalogues that changed."""
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as given, target.open("wb") as made:
            write_mo(made, read_po(given))


if __name__ == "__main__":
    compile_all(ROOT)
