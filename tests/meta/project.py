"""The project's own files, parsed, for the tests of this folder."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.main.commands.plugin_rules import imports

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class File:
    """One Python file of the product."""

    name: str
    """Its path below the project, as in `core/main/app.py`."""
    tree: ast.Module

    @property
    def is_sandbox(self) -> bool:
        """Whether it belongs to a simulator, which is no part of the product."""
        return "/sandbox/" in self.name

    @property
    def is_migration(self) -> bool:
        """Whether it is Alembic's."""
        return "/migrations/" in self.name


@cache
def product() -> list[File]:
    """Return every Python file of core and plugins."""
    return [
        File(str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8")))
        for folder in ("core", "plugins")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


@cache
def plugin_names() -> list[str]:
    """Return the names of the plugins in this project."""
    return [path.parent.name for path in sorted(ROOT.glob("plugins/*/__manifest__.py"))]


def imports_of(file: File) -> set[str]:
    """Return the modules and names that a file imports, in full."""
    return set(imports(file.tree))


def called(node: ast.AST) -> str:
    """Return the last name of what a call calls; empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return str(getattr(function, "attr", getattr(function, "id", "")))
