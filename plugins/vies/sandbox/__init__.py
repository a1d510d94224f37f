"""A simulator of VIES: `create_app` returns it as a Flask application."""

from plugins.vies.sandbox.app import create_app

__all__ = ["create_app"]
