"""`flask bench relations` runs, and its numbers hold for few relations too."""

import json

from flask import Flask


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
