"""Taking secrets and personal data out of text before it is logged or stored.

Pure. Used for log lines and for the exchanges that users see under Meer info. Masks
credentials whole, keeps of an e-mail address its first character and domain, and
makes control characters visible so that no text can forge a log line (OWASP Logging
Cheat Sheet, "Data to exclude"; ASVS 16.2.5 and 16.4.1).
"""

import re
from collections.abc import Collection
from urllib.parse import (
    parse_qsl,
    quote,
    quote_plus,
    unquote,
    urlencode,
    urlsplit,
    urlunsplit,
)

from stdnum import iban

MASK = "***"
SHORTEST_SECRET = 6
"""Shorter strings are not registered: masking them would blank ordinary text."""

_NAME = (
    r"(?:proxy-)?authorization|(?:set-)?cookie|code_verifier|client_assertion|assertion"
    r"|[\w-]{0,30}(?:token|secret|password|passwd|wachtwoord|api[_-]?key|private_?key)"
    r"|security_?code_?\d{0,2}|session_?id"
)
# `code` and `state` are secrets in an OAuth address or form, not as a JSON field
# (a country code or a VAT code is what the reader looks for)
_QUERY_NAME = re.compile(rf"(?:{_NAME}|code|state|signature|sig)", re.IGNORECASE)
_QUOTE = r"""\\{0,4}["']"""
_QUOTED = re.compile(
    rf"((?:{_QUOTE}|(?<![\w-]))(?:{_NAME})(?:{_QUOTE})?\s*[:=,]\s*)"
    rf"({_QUOTE})(?:(?!\2)(?:\\.|.))*(?:\2|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s*[:=]\s*)"
    r"(?!\*\*\*)[^\s\"'][^\r\n\"']*",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"(?<![\w-])({_NAME})(\s*=\s*|:\s+)(?!\*\*\*)[^\s&;,\"'<>{{}}]+", re.IGNORECASE
)
_OAUTH_PAIR = re.compile(
    r"(?:(?<=[?&])|(?<![^\s\"']))(code|state)=(?!\*\*\*)[^\s&;,\"'<>]+", re.IGNORECASE
)
_OAUTH_FIELD = re.compile(
    r"""(["'])(code|state)\1(\s*:\s*)(["'])[\w.~+/=-]{16,}(?:\4|\Z)""", re.IGNORECASE
)
_ELEMENT = re.compile(
    rf"<((?:[\w.-]{{1,30}}:)?(?:{_NAME}))((?:\s[^<>]*)?)>[^<]*", re.IGNORECASE
)
_SCHEME = re.compile(r"\b(Bearer|Basic)(\s+|%20|\+)[\w.~+/=%-]{6,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]*(?:\.[\w-]*)?")
_SHOP_TOKEN = re.compile(r"\bsecret_\w{8,}")
_USERINFO = re.compile(r"(://|%3A%2F%2F)[^/\s\"'<>?#]{1,300}(?:@|%40)", re.IGNORECASE)
"""Up to the last @ of the authority: a password may hold one as well."""
_EMAIL = re.compile(
    r"(?<![\w.+%-])([\w+])[\w.+%'-]{0,63}(@|%40)((?:[\w-]{1,63}\.){1,8}[\w-]{2,63})"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_TAIL = re.compile(r"[^\s,{}\[\]&]*\Z")

_registered: tuple[str, ...] = ()


def register_secret(secret: str) -> None:
    """Mask this very string from now on, also as it looks inside an address."""
    global _registered
    if len(secret) < SHORTEST_SECRET:
        return
    forms = {secret, quote(secret, safe=""), quote_plus(secret), *_registered}
    _registered = tuple(sorted(forms, key=len, reverse=True))


def secrets_in(address: str) -> set[str]:
    """Return the passwords inside an address: in its userinfo, and in its query.

    Such as SMTP_URL and DATABASE_URL hold, as they are written and as they are meant.
    """
    _, found, rest = address.partition("://")
    if not found:
        return set()
    # SQLAlchemy takes anything up to the first @, the others up to the last one.
    passwords = re.findall(r"\A[^:/]*:([^@]*)@", rest)
    passwords += re.findall(r"\A[^:/]*:([^?#]*)@", rest)
    query = parse_qsl(rest.partition("?")[2])
    passwords += [value for name, value in query if is_sensitive(name)]
    return {form for each in passwords for form in (each, unquote(each)) if form}


def is_sensitive(name: str) -> bool:
    """Whether a field, header or parameter of this name holds a secret."""
    return _QUERY_NAME.fullmatch(name) is not None and name not in ("code", "state")


def mask(text: str, secrets: Collection[str]) -> str:
    """Take these strings out where they stand alone, however short they are.

    For keys that are path segments: an account number of four digits is too short to
    register, but in one client's own texts it is known for what it is.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
            text = re.sub(rf"(?<![\w]){re.escape(form)}(?![\w])", MASK, text)
    return text


def redact(text: str, *, secrets: Collection[str] = ()) -> str:
    """Return the text without secrets and personal data, on one line.

    `secrets` are masked besides those that are registered (see `mask`).
    """
    for secret in _registered:
        text = text.replace(secret, MASK)
    text = mask(text, secrets)
    text = _QUOTED.sub(rf"\1\2{MASK}\2", text)
    text = _OAUTH_FIELD.sub(rf"\1\2\1\3\4{MASK}\4", text)
    text = _HEADER.sub(rf"\1\2{MASK}", text)
    text = _PAIR.sub(rf"\1\2{MASK}", text)
    text = _OAUTH_PAIR.sub(rf"\1={MASK}", text)
    text = _ELEMENT.sub(rf"<\1\2>{MASK}", text)
    text = _SCHEME.sub(rf"\1\2{MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _SHOP_TOKEN.sub(MASK, text)
    text = _USERINFO.sub(rf"\1{MASK}@", text)
    text = _EMAIL.sub(rf"\1{MASK}\2\3", text)
    text = _IBAN.sub(_mask_iban, text)
    return _CONTROL.sub(_visible, text)


def redact_cut(text: str, limit: int, *, secrets: Collection[str] = ()) -> str:
    """Redact and shorten to `limit` characters, without half a secret at the cut.

    Costs no more for a large text than for a small one.
    """
    head = text[: limit * 2]
    if len(head) < len(text):
        head = _TAIL.sub("", head)
    clean = redact(head, secrets=secrets)
    if len(clean) <= limit and len(head) == len(text):
        return clean
    return clean[:limit] + "…"


def redact_url(url: str, *, secrets: Collection[str] = ()) -> str:
    """Return an address without userinfo, sensitive query values and `secrets`.

    `secrets` are path segments that act as a key, such as a webhook's random part.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return redact(url)
    hidden = {*secrets, *(quote(secret, safe="") for secret in secrets)}
    path = "/".join(
        MASK if segment in hidden else segment for segment in parts.path.split("/")
    )
    query = urlencode(
        [
            (name, MASK if _QUERY_NAME.fullmatch(name) else value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ],
        safe="*$/:,'()@",
        quote_via=quote,
    )
    return redact(urlunsplit((parts.scheme, parts.netloc, path, query, "")))


def _mask_iban(match: re.Match[str]) -> str:
    """Mask an account number; what merely looks like one (a VAT number) stays."""
    found = match.group()
    ends = [at for at, sign in enumerate(found, start=1) if sign.isalnum()]
    for end in reversed(ends[14:]):
        if iban.is_valid(found[:end].replace(".", ""), check_country=False):
            return f"{found[:2]}{MASK}{found[end:]}"
    return found


def _visible(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")
