"""What `flask plugins check` and the meta tests hold every plugin to.

The rules are the design's (D1 to D9), read from the plugin's files: nothing here runs
the plugin's code, except for the texts, which come from its declaration.
"""

import ast
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.main.commands.plugin_files import TRAFFICS
from core.plugin.capabilities import (
    FormConnector,
    Manifest,
    OAuthConnector,
    Plugin,
)
from core.texts import TEXTS

STANDARD_FILES = (
    "__manifest__.py",
    "__init__.py",
    "plugin.py",
    "client.py",
    "wire.py",
    "mapping.py",
    "checks.py",
    "forms.py",
    "models.py",
    "views.py",
    "texts.py",
    "README.md",
    "quality.toml",
    "migrations",
    "sandbox",
)
"""What a plugin has or says in its `quality.toml` why not; the names of all files
stand in `plugin_files`."""
ALWAYS = ("__manifest__.py", "plugin.py", "README.md", "quality.toml")
"""Files that no `quality.toml` can exempt a plugin from."""
QUALITY_RULES = {
    "authentication": "a lost login pauses the connection; reconnecting resumes it",
    "one-company": "a reconnect to another company or shop is refused",
    "exactly-once": "every remote write has a stored reference and a look-up by it",
    "read-back": "what was booked is compared with what was meant",
    "strict-wire": "answers are checked when they come in; amounts stay Decimal",
    "few-calls": "records are kept in a local index; no call per order for them",
    "resumable-reading": "reading pages can stop anywhere and go on",
    "rate-limit": "calls stay below the vendor's limit; a 429 is waited out",
    "error-texts": "every code says what happened, why, and what to do",
    "strict-sandbox": "the sandbox refuses what the vendor's contract refuses",
    "contract-tests": "the client is tested against the sandbox and the contract",
    "fault-tests": "lost answers, 5xx, HTML and dropped lines are tested",
    "documentation": "the README names sources, rules and what is not verified",
}
STATES = ("done", "todo", "exempt")
BORDER = (
    "core.domain",
    "core.rules",
    "core.net",
    "core.plugin",
    "core.kit.confined",
)
"""What a plugin may import of the core."""
SANDBOX_KIT = "core.kit.sandbox"
"""Its sandbox may import this as well."""
CONNECTORS = {"oauth": OAuthConnector, "form": FormConnector}
"""What the manifest's `auth` says the connector is; with `none` there is none."""
PURE_CORE = ("core.domain", "core.rules")
"""What pure modules may import of the core (D2), but for the clock."""
CLOCK = "core.domain.clock"
PURE_PLUGIN = ("mapping", "checks")
"""Modules of every plugin that are pure, also in the folder of a traffic; `pure` in
`quality.toml` names more (`relations.values`)."""
JOINING = ("tasks", *TRAFFICS, "booking", "ledger")
"""Where tables, mapping and client may be joined (D4): in a task, in what passes one
traffic on, in what the senders of a plugin share, or where its ledger is read."""
IMPURE = ("flask", "sqlalchemy", "requests", "zeep", "redis", "rq", "time", "os")
OTHER_WIRES = (
    "aiohttp", "http.client", "httpx", "requests", "socket", "urllib.request",
    "urllib3",
)  # fmt: skip
"""What goes out beside `core.net`: the engine would take what left so for unsent."""
ERRORS = (
    "RetryLater",
    "WaitUntil",
    "AskUser",
    "Stop",
    "AuthenticationLost",
    "OutcomeUnknown",
)


@dataclass(frozen=True)
class Source:
    """One module of a plugin, parsed."""

    path: Path
    module: str
    """Its name below the plugin: `mapping`, `sandbox.app`."""
    tree: ast.Module

    @property
    def first(self) -> str:
        """The file or folder right in the plugin that it belongs to."""
        return self.module.partition(".")[0]


def sources(folder: Path) -> list[Source]:
    """Parse a plugin's modules; migrations are Alembic's."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        if not name.startswith(("migrations.", "__manifest__")):
            found.append(Source(path, name, ast.parse(path.read_text("utf-8"))))
    return found


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports, each name as far as it is spelled out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def raised_codes(tree: ast.Module) -> Iterator[str]:
    """Yield the literal codes that errors of `core.domain.errors` are made with."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        code = node.args[0]
        if name in ERRORS and isinstance(code, ast.Constant):
            yield str(code.value)


def _is(name: str, *modules: str) -> bool:
    """Tell whether an import is of one of these modules or of something in them."""
    return any(f"{name}.".startswith(f"{module}.") for module in modules)


def file_problems(folder: Path) -> list[str]:
    """Standard files that are absent without a reason in `quality.toml`."""
    reasons = quality(folder).get("files", {})
    return [
        f"{name} is missing"
        for name in STANDARD_FILES
        if not _stands(folder, name) and (name in ALWAYS or not reasons.get(name))
    ]


def _stands(folder: Path, name: str) -> bool:
    """Tell whether a file is there; a module may be a package, or a traffic's own."""
    package = folder / name.removesuffix(".py") / "__init__.py"
    of_traffic = any((folder / traffic / name).exists() for traffic in TRAFFICS)
    return (folder / name).exists() or package.exists() or of_traffic


def quality(folder: Path) -> dict[str, Any]:
    """Return `quality.toml`, empty without one; TOMLDecodeError when unreadable."""
    path = folder / "quality.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def quality_problems(folder: Path) -> list[str]:
    """Rules that `quality.toml`, when it is there, does not answer as it should."""
    if not (folder / "quality.toml").exists():
        return []
    try:
        answers = quality(folder).get("rules", {})
    except tomllib.TOMLDecodeError as error:
        return [f"quality.toml: {error}"]
    problems = [f"quality.toml: there is no rule {name}" for name in answers
                if name not in QUALITY_RULES]  # fmt: skip
    for rule in QUALITY_RULES:
        answer = answers.get(rule, {})
        answer = {"status": answer} if isinstance(answer, str) else answer
        status = answer.get("status")
        if status not in STATES:
            problems.append(f"quality.toml: {rule} is not done, todo or exempt")
        elif status != "done" and not answer.get("comment"):
            problems.append(f"quality.toml: {rule} is {status} without a comment")
    return problems


def import_problems(package: str, manifest: Manifest, folder: Path) -> list[str]:
    """Imports that the rules D1 to D5 do not allow."""
    pure = pure_modules(folder)
    return [
        f"{source.module} imports {name}: {why}"
        for source in sources(folder)
        for name in imports(source.tree)
        for why in _refusals(package, manifest, source, name, pure)
    ]


def wire_problems(folder: Path) -> list[str]:
    """Ways out beside `core.net`, in a plugin that writes in a package (D3)."""
    if not any((folder / traffic).is_dir() for traffic in TRAFFICS):
        return []
    return [
        f"{source.module} imports {name}: what goes out goes through core.net (D3)"
        for source in sources(folder)
        if source.first not in ("sandbox", "demo")
        for name in imports(source.tree)
        if _is(name, *OTHER_WIRES)
    ]


def pure_modules(folder: Path) -> tuple[str, ...]:
    """Return the names of a plugin's pure modules and packages (D2)."""
    of_traffic = (f"{one}.{name}" for one in TRAFFICS for name in PURE_PLUGIN)
    return (*PURE_PLUGIN, *of_traffic, *quality(folder).get("pure", ()))


def _refusals(
    package: str,
    manifest: Manifest,
    source: Source,
    name: str,
    pure: tuple[str, ...],
) -> Iterator[str]:
    own = _is(name, package)
    if _is(name, "core") and not _is_at_border(name, source):
        yield "a plugin sees the border of the core only"
    if _is(source.module, *pure) and not _is_pure(name, package, pure):
        yield "mapping, checks and what quality.toml calls pure are pure (D2)"
    if source.first == "client" and _is(
        name,
        "flask",
        "sqlalchemy",
        "core.models",
        "core.services",
        "core.runtime.extensions",
    ):
        yield "the client knows no database and no Flask (D3)"
    if source.first == "sandbox" and own and not _is(name, f"{package}.sandbox"):
        yield "the sandbox imports nothing of its plugin (D3)"
    if source.first in ("hooks", "views") and _is(
        name, f"{package}.client", f"{package}.mapping"
    ):
        yield "hooks and views queue and render (D5)"
    if name.startswith("plugins.") and not own:
        yield from _foreign(manifest, name)


def _is_at_border(name: str, source: Source) -> bool:
    is_kit = source.first == "sandbox" and _is(name, SANDBOX_KIT)
    return is_kit or _is(name, *BORDER)


def _is_pure(name: str, package: str, pure: tuple[str, ...]) -> bool:
    if _is(name, "core"):
        return _is(name, *PURE_CORE) and not _is(name, CLOCK)
    if _is(name, package):
        return _is(name, *(f"{package}.{part}" for part in ("wire", *pure)))
    top = name.partition(".")[0]
    return top not in IMPURE and not top.startswith(("flask_", "requests_"))


def _foreign(manifest: Manifest, name: str) -> Iterator[str]:
    parts = name.split(".")
    if parts[1] not in manifest.depends:
        yield f"the manifest does not depend on {parts[1]} (D1)"
    elif parts[2:3] != ["public"]:
        yield "of another plugin only public.py may be used (D1)"


def connector_problems(plugin: Plugin) -> list[str]:
    """Whether the manifest's `auth` is what the connector is."""
    auth = plugin.manifest.auth
    fits = isinstance(plugin.connector, CONNECTORS.get(auth, type(None)))
    return [] if fits else [f"the connector is not of auth {auth}"]


def joining_problems(package: str, folder: Path) -> list[str]:
    """Modules that join tables, mapping and client and are no task or traffic (D4)."""
    mappings = tuple(name for name in pure_modules(folder) if "checks" not in name)
    tables = ("core.models", "core.plugin.database", "core.plugin.tables",
              f"{package}.models", f"{package}.reference")  # fmt: skip
    clients = (f"{package}.client", f"{package}.connector.open_client")
    problems = []
    for source in sources(folder):
        names = list(imports(source.tree))
        joined = all(
            any(_is(name, *some) for name in names)
            for some in (tables, clients, [f"{package}.{one}" for one in mappings])
        )
        if joined and source.first not in JOINING:
            problems.append(f"{source.module} joins tables, mapping and client (D4)")
    return problems


def text_problems(plugin: Plugin, folder: Path) -> list[str]:
    """Codes the plugin raises that have no words, and words without an action."""
    raised = {
        code
        for source in sources(folder)
        if source.first != "sandbox"
        for code in raised_codes(source.tree)
    }
    return [
        f"code {code} has no text"
        for code in sorted(raised)
        if code not in plugin.texts and code not in TEXTS
    ]


def environment_problems(folder: Path) -> list[str]:
    """Environment variables and clocks that are read outside their module (D7)."""
    return [
        f"{source.module}: {name} (D7)"
        for source in sources(folder)
        for name in environment_uses(source.tree, clock=source.first != "sandbox")
    ]


def environment_uses(tree: ast.Module, *, clock: bool = True) -> Iterator[str]:
    """Yield `os.environ`, and (with `clock`) calls that read the time."""
    forbidden = {"os.environ", "os.getenv", "os.putenv"}
    if clock:
        forbidden |= {"datetime.now", "datetime.utcnow", "datetime.today"}
        forbidden |= {"date.today", "time.time", "time.time_ns"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            written = ast.unparse(node)
            if ".".join(written.split(".")[-2:]) in forbidden:
                yield written
    yield from (name for name in imports(tree) if name in forbidden)


def float_uses(tree: ast.Module) -> Iterator[str]:
    """Yield every float that is written or made; seconds may be annotated so (D10)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{node.value} on line {node.lineno}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "float":
            yield f"float() on line {node.lineno}"


def float_problems(folder: Path) -> list[str]:
    """Floats in the modules that handle amounts (D10)."""
    return [
        f"{source.module}: {use} (D10)"
        for source in sources(folder)
        if _is(source.module, "wire", *pure_modules(folder))
        for use in float_uses(source.tree)
    ]


def problems(package: str, plugin: Plugin, folder: Path) -> list[str]:
    """Return everything that is wrong with a loaded plugin, in words."""
    checks: Iterable[Callable[[], list[str]]] = (
        lambda: quality_problems(folder),
        lambda: file_problems(folder),
        lambda: connector_problems(plugin),
        lambda: import_problems(package, plugin.manifest, folder),
        lambda: wire_problems(folder),
        lambda: joining_problems(package, folder),
        lambda: environment_problems(folder),
        lambda: float_problems(folder),
        lambda: text_problems(plugin, folder),
    )
    found: list[str] = []
    for check in checks:
        try:
            found += check()
        except (tomllib.TOMLDecodeError, SyntaxError):
            continue  # reported by the check of that file itself
    return found
