"""The login and consent page, and the token address."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core.kit.sandbox.app import json_response
from plugins.kmoshops.sandbox import tokens
from plugins.kmoshops.sandbox.parts import parts
from plugins.kmoshops.sandbox.shop import DEMO_STORES

bp = Blueprint(
    "kmoshops_oauth", __name__, url_prefix="/api/oauth", template_folder="templates"
)
SCOPES = {
    "read_orders": "Bestellingen lezen",
    "update_orders": "Bestellingen wijzigen",
    "read_catalog": "Producten lezen",
    "read_customers": "Klanten lezen",
    "read_store_profile": "Winkelgegevens lezen",
}
_PARAMETERS = ("client_id", "redirect_uri", "response_type", "scope", "state")


@bp.get("/authorize")
def authorize() -> AnyResponse:
    """Show the login page that names the app and what it asks."""
    return _page(_question(request.args.to_dict()))


@bp.post("/authorize")
def decide() -> AnyResponse:
    """Handle the shop owner's answer."""
    given = request.form.to_dict()
    question = _question(given)
    if question["error"]:
        return _page(question)
    if given.get("answer") != "allow":
        return _return(question, error="access_denied")
    store_id = _login(given.get("email", ""), given.get("password", ""))
    if store_id is None:
        question["message"] = "Dit e-mailadres en wachtwoord horen niet bij een winkel."
        return _page(question)
    code = tokens.issue_code(
        store_id, question["client_id"], question["redirect_uri"], question["scope"]
    )
    return _return(question, code=code)


@bp.route("/token", methods=["GET", "POST"])
def token() -> Response:
    """Change a code for a token."""
    try:
        return json_response(tokens.redeem(request.values.to_dict()))
    except tokens.Refused as refusal:
        return json_response({"error": str(refusal)}, 400)


def _question(given: dict[str, str]) -> dict[str, Any]:
    question: dict[str, Any] = {name: given.get(name, "") for name in _PARAMETERS}
    question |= {"app": tokens.client(question["client_id"]), "message": ""}
    question["error"] = _mistake(question)
    return question


def _mistake(question: dict[str, Any]) -> str:
    if question["app"] is None:
        return "Deze app is niet bekend."
    if not tokens.may_return_to(question["app"], question["redirect_uri"]):
        return "Het terugkeeradres hoort niet bij deze app."
    if question["response_type"] != "code":
        return "response_type moet code zijn."
    unknown = set(question["scope"].split()) - set(SCOPES)
    if unknown or not question["scope"]:
        return f"Onbekende scope: {' '.join(sorted(unknown)) or '(leeg)'}."
    return ""


def _page(question: dict[str, Any]) -> Response:
    wishes = [SCOPES.get(scope, scope) for scope in question["scope"].split()]
    html = render_template(
        "kmoshops_sandbox/authorize.html",
        question=question,
        parameters=_PARAMETERS,
        wishes=wishes,
        stores=DEMO_STORES,
    )
    return Response(html, 400 if question["error"] else 200)


def _login(email: str, password: str) -> int | None:
    for store in parts().shop.stores():
        if (store["email"], store["password"]) == (email, password):
            return int(store["storeId"])
    return None


def _return(question: dict[str, Any], **result: str) -> AnyResponse:
    if question["state"]:
        result["state"] = question["state"]
    joint = "&" if "?" in question["redirect_uri"] else "?"
    return redirect(f"{question['redirect_uri']}{joint}{urlencode(result)}")
