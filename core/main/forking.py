"""What a fork of a process with the application must not share, and what it should."""

import gc
from collections.abc import Callable

from flask import Flask

from core.runtime import jobs
from core.runtime.extensions import db


def prepare_to_fork(app: Flask) -> None:
    """Close what forks must not share, and let them share memory for as long as can be.

    Call it in the application's context, with no transaction open.
    """
    db.session.remove()
    db.engine.dispose()
    jobs.forget_client(app)
    gc.collect()
    gc.freeze()  # a collection would write to every page, and so copy it


def detached(app: Flask, work: Callable[[], None]) -> None:
    """Work with database connections of its own."""
    with app.app_context():
        db.engine.dispose(close=False)
    work()
