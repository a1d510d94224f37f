"""The page to read caught mails on, and the same as JSON for tests."""

from dataclasses import asdict

from flask import Flask, Response, abort, jsonify, render_template, request

from core.kit.mailcatcher.store import ADDRESS, Store


def create_page(store: Store) -> Flask:
    """Return the application that shows the mails of a store."""
    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    app.add_template_filter(pieces)
    app.after_request(_protect)

    @app.get("/")
    def index() -> str:
        recipient = request.args.get("to", "")
        mails = list(store.all(recipient))
        return render_template("index.html", mails=mails, recipient=recipient)

    @app.get("/mail/<mail_id>")
    def show(mail_id: str) -> str:
        mail = store.find(mail_id)
        if mail is None:
            abort(404)
        return render_template("mail.html", mail=mail)

    @app.get("/mails.json")
    def mails() -> Response:
        found = store.all(request.args.get("to", ""))
        return jsonify([{**asdict(mail), "links": mail.links} for mail in found])

    @app.get("/health")
    def health() -> str:
        return "ok"

    return app


def pieces(text: str) -> list[tuple[bool, str]]:
    """Return a text in pieces, each with whether it is a web address."""
    found, place = [], 0
    for match in ADDRESS.finditer(text):
        found += [(False, text[place : match.start()]), (True, match.group())]
        place = match.end()
    return [*found, (False, text[place:])]


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
