"""`flask bench start` starts a whole product, measures it and leaves nothing behind."""

import json
import os

from flask import Flask

from core.kit.processes import tree


def test_a_fresh_product_starts_and_books(app: Flask) -> None:
    before = tree(os.getpid())
    command = ["bench", "start", "--imports", "1", "--json"]
    done = app.test_cli_runner().invoke(args=command)
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert 0 < figures["seconds_to_address"] <= figures["seconds_to_first_booked"]
    assert figures["cpu_seconds_to_address"] > 0
    # No upper bounds: how much is the machine's own. Something was measured.
    assert figures["memory_pss_mb"] > 50
    assert figures["import_ratio"] > 0
    assert tree(os.getpid()) <= before
