"""The simulator: `create_app` returns it as a Flask application."""

from moneybird.sandbox.app import create_app

__all__ = ["create_app"]
