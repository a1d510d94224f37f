"""A simulator of a KMO Shops webshop (Ecwid's REST API v3), with an order loader.

`create_app` returns it as a Flask application. Built from the vendor's contract alone;
it shares no code with the plugin.
"""

from plugins.kmoshops.sandbox.app import create_app

__all__ = ["create_app"]
