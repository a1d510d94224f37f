"""`flask bench` runs, and its numbers hold for few relations and documents too."""

import json

import pytest
from flask import Flask

from core.main.commands.bench import pages


def test_what_did_not_change_costs_no_writes(app: Flask) -> None:
    command = ["bench", "relations", "--relations", "150", "--json"]
    done = app.test_cli_runner().invoke(args=command)
    assert done.exit_code == 0, done.output
    runs = json.loads(done.stdout)["150"]
    assert {name: cost["writes"] for name, cost in runs.items()} == {
        "preview": 0,
        "first": 150,
        "unchanged": 0,
        "changed": 100,
    }
    assert runs["unchanged"]["calls"] <= 5
    assert runs["changed"]["calls"] <= 112


@pytest.mark.usefixtures("app")
def test_no_page_takes_more_queries_as_history_grows() -> None:
    few, many = pages.measured(200, 800, rounds=1)
    assert len(few) > 50
    assert {page: found.queries for page, found in few.items()} == {
        page: found.queries for page, found in many.items()
    }
    assert max(found.queries for found in many.values()) < 25
