"""What no file of the product may do, read from the syntax tree (D4, D7, D10)."""

import ast
import re
from collections.abc import Iterator

import pytest

from core.main.commands.plugin_rules import environment_uses, float_uses, imports
from tests.meta.project import ROOT, File, called, product

ENVIRONMENT = {
    "core/runtime/settings.py": "the one place that reads it",
    "core/kit/runner.py": "hands it on to child processes, reads nothing",
    "core/main/commands/bench/start.py": "as above",
}
CLOCK = {"core/domain/clock.py": "the one clock"}
MONEY = ("core/domain/", "core/rules/sale_checks.py", "core/rules/vatrates")
PLUGIN_MONEY = ("mapping.py", "checks.py", "wire.py", "readback.py")
PREBUILT = {
    "core/services/transfer/statements.py": "for workers; refused in a tenant's scope",
    "core/main/commands/bench/history.py": "a database of its own, of made-up tenants",
}
RAW_SQL = {
    "core/runtime/extensions.py": "BEGIN and PRAGMA of SQLite",
    "core/runtime/references.py": "triggers: SQLAlchemy has no words",
    "core/runtime/walls.py": "policies of PostgreSQL: SQLAlchemy has no words",
    "core/models/transfer.py": "an index's condition, a constant in each database",
    "core/runtime/planner.py": "ANALYZE of SQLite, and what it keeps",
    "core/main/commands/bench/history.py": "PRAGMA of SQLite",
    "core/main/commands/bench/crowd.py": "PRAGMA of SQLite",
}
ACROSS_TENANTS = {
    "core/runtime/tenancy.py": "the option itself",
    "core/runtime/walls.py": "reads the option of a statement, and asks nothing itself",
    "core/services/connections/connections.py": "a company is connected by one tenant",
}
ENDS_BY_ITSELF = {
    "core/kit/confined.py": "its child asks for it: a server with threads starts it",
}
"""Places that start a program without `preexec_fn`."""
MARKUP = {
    "core/web/views/display.py": "fixed tags, values escaped by format",
}
"""Places that hand HTML to templates, each with why it is harmless."""
WAKES = {"wake": 2, "wake_after_commit": 1}
"""Which positional argument of a wake-up is the id."""


def parts(*, sandboxes: bool = False) -> Iterator[File]:
    for file in product():
        if sandboxes or not file.is_sandbox:
            yield file


def test_the_environment_is_read_in_settings_only() -> None:
    found = {
        (file.name, use)
        for file in parts(sandboxes=True)
        for use in environment_uses(file.tree, clock=False)
        if file.name not in ENVIRONMENT
    }
    assert found == set()


def test_time_comes_from_one_clock() -> None:
    found = {
        (file.name, use)
        for file in parts()
        for use in environment_uses(file.tree)
        if file.name not in CLOCK and not use.startswith("os.")
    }
    assert found == set()


def test_no_floats_in_money_code() -> None:
    def handles_money(name: str) -> bool:
        last = name.rpartition("/")[2]
        return name.startswith(MONEY) or (
            name.startswith("plugins/") and last in PLUGIN_MONEY
        )

    files = [file for file in parts() if handles_money(file.name)]
    assert {file.name for file in files} >= {
        "core/domain/money.py",
        "core/rules/sale_checks.py",
    }
    found = {(file.name, use) for file in files for use in float_uses(file.tree)}
    assert found == set()


def _ids(call: ast.Call, place: int) -> Iterator[str]:
    given = call.args[place : place + 1]
    given += [word.value for word in call.keywords if word.arg == "argument"]
    yield from (ast.unparse(argument) for argument in given)


def test_job_arguments_are_ids() -> None:
    wakes = [
        (file.name, argument)
        for file in parts()
        if file.name != "core/runtime/jobs.py"
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call) and called(node) in WAKES
        for argument in _ids(node, WAKES[called(node)])
    ]
    assert len(wakes) > 3
    wrong = [(name, text) for name, text in wakes if not re.search(r"\bid$|_id$", text)]
    assert wrong == []


def test_only_the_job_module_enqueues() -> None:
    found = {
        file.name
        for file in parts()
        for node in ast.walk(file.tree)
        if called(node) in ("enqueue", "enqueue_call", "enqueue_in", "enqueue_at")
    }
    assert found <= {"core/runtime/jobs.py"}


def test_raw_sql_is_for_sandboxes_only() -> None:
    found = {
        file.name
        for file in parts()
        if not file.is_migration and not file.name.startswith("core/kit/sandbox")
        for name in [
            *imports(file.tree),
            *(called(node) for node in ast.walk(file.tree)),
        ]
        if name in ("sqlalchemy.text", "sqlalchemy.sql.text", "exec_driver_sql")
    }
    assert found <= set(RAW_SQL)


def test_questions_across_tenants_stand_in_one_place() -> None:
    found = {
        file.name
        for file in parts()
        for node in ast.walk(file.tree)
        if (isinstance(node, ast.Constant) and node.value == "all_tenants")
        or (isinstance(node, ast.keyword) and node.arg == "all_tenants")
        or (isinstance(node, (ast.Name, ast.alias)) and "ALL_TENANTS" in _names(node))
    }
    assert found <= set(ACROSS_TENANTS)


def _names(node: ast.Name | ast.alias) -> tuple[str, ...]:
    return (node.id,) if isinstance(node, ast.Name) else (node.name,)


def test_queries_go_through_the_classes_that_the_tenant_guard_knows() -> None:
    found = {
        file.name
        for file in parts()
        if not file.is_migration
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute) and node.attr == "__table__"
    }
    assert found == set(PREBUILT)


def test_html_is_handed_on_in_known_places_only() -> None:
    made = {
        file.name
        for file in parts()
        for name in imports(file.tree)
        if name.rpartition(".")[2] == "Markup"
    }
    assert made <= set(MARKUP)


@pytest.mark.parametrize("folder", ["templates", "plugins"])
def test_templates_never_switch_escaping_off(folder: str) -> None:
    off = re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE)
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.html")
        if off.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_every_program_that_is_started_ends_with_who_started_it() -> None:
    started = [
        (file.name, {word.arg for word in node.keywords})
        for file in parts(sandboxes=True)
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith("subprocess.")
    ]
    assert len(started) > 4
    alone = {name for name, words in started if "preexec_fn" not in words}
    assert alone == set(ENDS_BY_ITSELF)


def test_only_the_runner_forks() -> None:
    ways = ("multiprocessing", "os.fork", "os.posix_spawn", "os.system", "os.popen")
    found = {
        file.name
        for file in parts(sandboxes=True)
        for name in [
            *imports(file.tree),
            *(ast.unparse(node) for node in ast.walk(file.tree)
              if isinstance(node, ast.Attribute)),
        ]
        if name.startswith(ways)
    }  # fmt: skip
    assert found == {"core/kit/runner.py"}
