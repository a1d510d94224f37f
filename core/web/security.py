"""What browsers are told on every answer, and which hosts we answer to.

The content security policy allows our own files and nothing inline; forms may also
end at the OAuth servers, since a Connect button is a form that redirects there.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_login import current_user

from core.plugin.capabilities import OAuthConnector
from core.plugin.registry import Registry
from core.runtime.settings import Settings
from core.web.plugin_files import STATIC
from core.web.policy import access_of

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_CSP = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HSTS = "max-age=31536000; includeSubDomains"


def init(app: Flask, registry: Registry, settings: Settings) -> None:
    """Add the headers to every answer, errors included."""
    app.config["TRUSTED_HOSTS"] = [urlsplit(settings.public_url).hostname, *LOOPBACK]
    with app.app_context():
        csp = content_security_policy(oauth_hosts(registry))
    fixed = {**_ALWAYS, "Content-Security-Policy": csp}
    if settings.public_url.startswith("https://"):
        fixed["Strict-Transport-Security"] = HSTS

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        _caching(response)
        return response


def content_security_policy(hosts: list[str]) -> str:
    """Return the policy; `hosts` are origins that our forms may end at."""
    return "; ".join((*_CSP, " ".join(("form-action 'self'", *hosts))))


def oauth_hosts(registry: Registry) -> list[str]:
    """Return the origins of the plugins' OAuth login pages.

    A plugin that cannot name its own is listed as failed.
    """
    found = set()
    for plugin in list(registry.plugins.values()):
        if not isinstance(plugin.connector, OAuthConnector):
            continue
        try:
            address = urlsplit(plugin.connector.provider().authorize_url)
        except Exception as error:  # a broken plugin must not stop the others
            registry.fail(plugin.name, error)
        else:
            found.add(f"{address.scheme}://{address.netloc}")
    return sorted(found)


def _caching(response: Response) -> None:
    """Keep personal pages out of caches; a part is another answer than its page."""
    if request.endpoint in ("static", STATIC):
        response.headers["Cache-Control"] = "public, max-age=3600"
        return
    response.vary.add("HX-Request")
    if access_of(current_app, request.endpoint or "") == "api":
        response.headers["Cache-Control"] = "no-store"
        return
    private = request.endpoint is not None and current_user.is_authenticated
    if private or response.mimetype == "text/html":
        response.headers["Cache-Control"] = "no-store"
