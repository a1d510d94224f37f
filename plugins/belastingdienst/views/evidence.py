"""The evidence of a declaration: looked at, checked, downloaded."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from core.plugin.pages import access, get_or_404
from core.plugin.texts import explain
from plugins.belastingdienst.evidence import keeping, signatures
from plugins.belastingdienst.filing import words
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.views.common import page

_XBRL = "application/xml"


@access("login")
def filing_evidence(filing_id: int) -> str:
    """Show the evidence, its chain checked now; the signatures when that is asked."""
    row = get_or_404(Filing, filing_id)
    verdict, links = keeping.verify(row), keeping.of(row)
    is_asked = "handtekeningen" in request.args
    pieces = [link for link, _stored in links]
    return page(
        "evidence",
        filing=row,
        links=links,
        verdict=verdict,
        signs_answers=row.channel == DIGIPOORT,
        signatures=signatures.check(row, pieces) if is_asked else None,
        flaws=[(flaw.sequence, explain(flaw.code)) for flaw in verdict.flaws],
        kind_words=words.kind,
        period_of=figure_words.period_of,
        pieces=words.PIECES,
    )


@access("login")
def filing_archive(filing_id: int) -> Response:
    """Download the evidence, with how to check it without us."""
    row = get_or_404(Filing, filing_id)
    readme = _(
        "Bewijs van een aangifte: het bericht zoals het is verstuurd en elk antwoord"
        " dat iets nieuws zei.\n\nketen.json noemt elk stuk met zijn SHA-256 en de"
        " keten. Een schakel is de SHA-256 van zeven regels, met een regeleinde"
        " ertussen: de vorige schakel (leeg bij de eerste), ons kenmerk, het"
        " volgnummer, de soort, het moment in UTC, bewaren tot en de SHA-256 van het"
        " stuk. Verandert er een teken, dan klopt geen latere schakel meer.\n"
    )
    packed = keeping.packed(row, readme)
    return _attached(packed, "application/zip", f"bewijs-{row.reference}.zip")


@access("login")
def filing_message(filing_id: int) -> Response:
    """Download the XBRL message itself."""
    row = get_or_404(Filing, filing_id)
    return _attached(row.content, _XBRL, f"{row.reference}.xbrl")


def _attached(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


_ONE = "/aangiften/<int:filing_id>"
ROUTES = (
    (f"{_ONE}/bewijs", filing_evidence),
    (f"{_ONE}/bewijs.zip", filing_archive),
    (f"{_ONE}/bericht.xbrl", filing_message),
)


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    for rule, view in ROUTES:
        pages.add_url_rule(rule, view_func=view)
