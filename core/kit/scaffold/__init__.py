"""The template of a new plugin: a package that takes orders, with its sandbox.

Templates are the files whose names end in `.tmpl`. In their names and texts `$name`,
`$Name` and `$NAME` stand for the plugin's name, its prefix in class names and that of
its settings, `$title` for what users read, `$port` for where its sandbox listens.
"""

import keyword
import re
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PLACES = {
    "plugin": "plugins/{}",
    "tests/unit": "tests/unit/{}",
    "tests/contract": "tests/contract/{}",
    "tests/sandbox": "tests/contract/{}_sandbox",
}
"""Where the templates of each folder go in a project."""
_FIRST_PORT = 8101
_BAD_TITLE = re.compile(r"[\"\\$%{}\n]|^\s*$")
_SUFFIX = ".tmpl"


class BadName(ValueError):
    """The name cannot be a plugin's, or is in use."""


def write_plugin(folder: Path, name: str, title: str) -> list[Path]:
    """Write plugin and tests below a project's folder; return the files.

    Raises BadName for a name that is no lower-case identifier or is taken, and for a
    title that cannot stand in a text.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]{2,19}", name) or keyword.iskeyword(name):
        raise BadName(f"{name}: 3 to 20 lower-case letters and digits, please")
    if _BAD_TITLE.search(title):
        raise BadName(f"{title}: letters, digits and spaces, please")
    places = {kind: folder / place.format(name) for kind, place in PLACES.items()}
    for place in places.values():
        if place.exists():
            raise BadName(f"{place.relative_to(folder)} exists already")
    values = {
        "name": name,
        "Name": name.capitalize(),
        "NAME": name.upper(),
        "title": title,
        "core_base": repr(_core_base()),
        "port": str(_free_port(folder)),
    }
    return [
        _write(template, place / template.relative_to(HERE / kind), values)
        for kind, place in places.items()
        for template in sorted((HERE / kind).rglob(f"*{_SUFFIX}"))
    ]


def _core_base() -> str | None:
    """Return the first revision of the core's tables, which a plugin's refer to."""
    for path in sorted((ROOT / "core/main/migrations/versions").glob("*.py")):
        text = path.read_text("utf-8")
        found = re.search(r"^revision\b.*?= ['\"](\w+)['\"]", text, re.MULTILINE)
        if found and re.search(r"^down_revision\b.*= None", text, re.MULTILINE):
            return found[1]
    return None


def _free_port(folder: Path) -> int:
    """Return the port after those of the sandboxes that a project has."""
    texts = [path.read_text("utf-8") for path in folder.glob("plugins/*/demo.py")]
    ports = [int(port) for text in texts for port in re.findall(r"port=(\d+)", text)]
    return max(ports, default=_FIRST_PORT - 1) + 1


def _write(template: Path, target: Path, values: dict[str, str]) -> Path:
    name = Template(target.name.removesuffix(_SUFFIX)).substitute(values)
    path = target.with_name(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Template(template.read_text("utf-8")).substitute(values), "utf-8")
    return path
