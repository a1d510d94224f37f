"""The structure of the code in figures: `python -m tests.meta.structure`.

What must be nought is nought, and the border is a list: `test_structure.py` holds it.
"""

import re
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import grimp

from tests.meta.project import ROOT, plugin_names

BORDER = ("core.domain", "core.rules", "core.net", "core.plugin", "core.kit")
"""What a plugin may import of the core."""
_TEXT = (".py", ".html", ".css", ".js", ".tmpl", ".toml", ".mako")


@dataclass(frozen=True)
class Structure:
    """What is measured."""

    loose: list[str]
    """Modules that stand in `core/` itself."""
    cycle: list[str]
    """Modules that import each other in a circle, of any kind of import."""
    border: list[str]
    """Modules of the core that plugins import."""
    named: list[str]
    """Lines of the core that name a plugin or one of its settings."""


def measure() -> Structure:
    """Read the tree as it stands."""
    graph = grimp.build_graph("core", "plugins", cache_dir=None)
    return Structure(_loose(), _cycle(graph), _border(graph), _named())


def _loose() -> list[str]:
    files = (ROOT / "core").glob("*.py")
    return sorted(path.name for path in files if path.name != "__init__.py")


def _cycle(graph: grimp.ImportGraph) -> list[str]:
    uses = {
        name: graph.find_modules_directly_imported_by(name) for name in graph.modules
    }
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def _border(graph: grimp.ImportGraph) -> list[str]:
    own = [name for name in graph.modules if name.startswith("plugins.")]
    imported = {
        used for name in own for used in graph.find_modules_directly_imported_by(name)
    }
    return sorted(name for name in imported if name.startswith("core"))


def _named() -> list[str]:
    names = "|".join(plugin_names())
    word = re.compile(rf"(?<![A-Za-z])({names})(?![A-Za-z])|\b({names.upper()})_[A-Z]")
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "core").rglob("*"))
        if path.suffix in _TEXT
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if word.search(line)
    ]


def main() -> None:
    """Print what was measured."""
    found = measure()
    for title, lines in (
        ("loose modules in core/", found.loose),
        ("modules in a cycle", found.cycle),
        ("lines of core that name a plugin or its setting", found.named),
        ("modules of core that plugins import", found.border),
    ):
        print(f"{title}: {len(lines)}", *lines, sep="\n  ")  # noqa: T201


if __name__ == "__main__":
    main()
