"""What every test with an application would do again, done once per process.

Each makes its own application on its own database. Compiling the routes, the templates
and the tables took two thirds of the time of a test of a page; nothing of what is
tested depends on when it was done.
"""

import atexit
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import sqlalchemy
from argon2 import PasswordHasher
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from core.models import Base
from core.services.people import accounts

STRONG = accounts.hasher
"""How the product hashes passwords."""


class _Templates(BytecodeCache):
    """Compiled templates in memory; Jinja compares the checksum of the source."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


def reverse_what_has_no_order() -> None:
    """Let SQLite give rows whose order nobody asked for the other way around.

    PostgreSQL gives them as they happen to lie. What relies on the order they went in
    then fails here, not now and then: https://sqlite.org/pragma.html
    """

    @event.listens_for(Engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA reverse_unordered_selects=ON")


def make_quicker() -> None:
    """Compile templates, routes and statements once; hash passwords next to nothing."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    Rule._compile_builder = _each_once(Rule._compile_builder)
    Rule.compile = _parsed_once(Rule.compile)
    SQLAlchemy._make_engine = _with_known_statements(SQLAlchemy._make_engine)
    metadata.entry_points = _by_path(metadata.entry_points)
    accounts.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def _each_once(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a route's builder once; it depends on its parts and defaults only."""
    known: dict[tuple[Any, ...], Any] = {}

    def compiled(rule: Any, append_unknown: bool = True) -> Any:
        key = tuple(rule._trace), repr(rule.defaults), append_unknown
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    return compiled


def _parsed_once(compile_rule: Callable[..., None]) -> Callable[..., None]:
    """Take a route's text apart once; the matcher only reads what comes of it."""
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def compiled(rule: Any) -> None:
        key = (
            rule.rule, rule.subdomain, rule.host, rule.map.host_matching,
            rule.merge_slashes, repr(rule.defaults), *rule.map.converters.values(),
        )  # fmt: skip
        if key in known:
            rule._parts, rule._trace, rule._converters, arguments = known[key]
            rule.arguments |= arguments
            rule._build = rule._compile_builder(False).__get__(rule, None)
            rule._build_unknown = rule._compile_builder(True).__get__(rule, None)
        else:
            compile_rule(rule)
            known[key] = rule._parts, rule._trace, rule._converters, rule.arguments

    return compiled


def _by_path(entry_points: Callable[..., Any]) -> Callable[..., Any]:
    """Look for installed plugins once for each search path."""
    known: dict[tuple[Any, ...], Any] = {}

    def found(**wanted: str) -> Any:
        key = (*sys.path, *wanted.items())
        if key not in known:
            known[key] = entry_points(**wanted)
        return known[key]

    return found


def _with_known_statements(make_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """Let all engines of a kind share their dialect and what it compiled."""
    dialects: dict[str, Dialect] = {}
    compiled: LRUCache[Any, Any] = LRUCache(5_000)

    def made(*given: Any, **options: Any) -> Engine:
        engine = make_engine(*given, **options)
        engine._compiled_cache = compiled
        if engine.name in dialects:
            engine.dialect = dialects[engine.name]
            # Who listens to errors listens to the dialect: not those of tests before.
            with suppress(NotImplementedError):  # none listens
                engine.dialect.dispatch.handle_error.clear()
        else:

            @event.listens_for(engine, "engine_connect", once=True)
            def _asked_its_server(_connection: Connection) -> None:
                dialects[engine.name] = engine.dialect

        return engine

    return made


@cache
def sqlite_with(tables: frozenset[str]) -> Path:
    """Return a file with these tables, all of them empty."""
    folder = mkdtemp(prefix="koppelwerk-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "empty.db"
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine, [Base.metadata.tables[name] for name in tables])
    engine.dispose()
    return path
