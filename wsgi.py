"""The WSGI application: `granian --interface wsgi wsgi:app`, `flask --app wsgi`."""

from core.main.app import create_app

app = create_app()
