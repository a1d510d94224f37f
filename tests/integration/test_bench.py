"""`flask bench` runs, and its numbers hold for few relations and documents too."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from core.domain import jsontext
from core.main.commands.bench import (
    pages,
    relation_place,
    relations,
    relations_in_step,
)
from core.main.commands.bench.relation_place import Place
from core.models import RelationLink, RelationSync, RelationTrouble
from core.runtime.database import session
from plugins.eaccounting.models import EAccountingRecord
from plugins.eaccounting.settings import settings


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
def test_a_filled_start_is_what_a_first_run_leaves() -> None:
    def by_run(place: Place) -> None:
        relation_place.fill(place.tenant_id, 40)
        relations._from_nothing(place)

    def by_filling(place: Place) -> None:
        relations_in_step.fill_in_step(
            place, 40, lambda: relations._from_nothing(place)
        )

    ran, filled = _left_by(by_run), _left_by(by_filling)
    assert len(ran["links"]) == len(ran["there"]) == len(ran["known"]) == 40
    assert filled == ran


def _left_by(begin: Callable[[Place], None]) -> dict[str, Any]:
    """Return what both sides hold, records by their numbers, without moments."""
    with relation_place.product("eaccounting") as place:
        assert settings().eaccounting_calls_per_minute == 0  # it measures, not waits
        begin(place)
        session().rollback()
        sync = session().get_one(RelationSync, place.connection_id)
        number_of = {
            row.external_id: row.data["CustomerNumber"]
            for row in session().scalars(select(EAccountingRecord))
            if row.kind == "customer"
        }
        ledger = requests.get(f"{place.address}/_control/ledger", timeout=30).json()
        return {
            "links": {
                (
                    row.relation_id,
                    row.role,
                    number_of[row.external_id],
                    row.our_hash,
                    row.their_hash,
                    row.base,
                )
                for row in session().scalars(select(RelationLink))
            },
            "known": {
                (row.kind, row.key, row.name, jsontext.dumps(row.data))
                for row in session().scalars(select(EAccountingRecord))
                if row.kind == "customer"
            },
            "there": {
                jsontext.dumps(
                    {
                        name: value
                        for name, value in entry["body"]["document"].items()
                        if name not in ("Id", "ChangedUtc")
                    }
                )
                for entry in ledger
                if entry["kind"] == "customer"
            },
            "sync": (
                sync.needs_preview,
                sync.whole_since,
                sync.wanted_at,
                sync.seen_id,
                sorted(sync.cursor),
                sync.seen_at is not None,
                sync.administration,
            ),
            "troubles": len(session().scalars(select(RelationTrouble)).all()),
        }


@pytest.mark.usefixtures("app")
def test_no_page_takes_more_queries_as_history_grows() -> None:
    few, many = pages.measured(200, 800, rounds=1)
    assert len(few) > 50
    assert {page: found.queries for page, found in few.items()} == {
        page: found.queries for page, found in many.items()
    }
    assert max(found.queries for found in many.values()) < 25
