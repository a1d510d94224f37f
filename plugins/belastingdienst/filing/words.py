"""Stages and kinds of declarations as the user reads them, in AccountView's words.

Contract section 2 names the statuses: Concept, Wacht op verzending, Verzonden,
Geaccepteerd, Niet geaccepteerd, Geannuleerd.
"""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.domain.declarations import DeclarationKind
from core.plugin.capabilities import StatusWords
from core.plugin.texts import Explained, explain
from plugins.belastingdienst.channels import routes
from plugins.belastingdienst.filing import filings
from plugins.belastingdienst.law.dates import Urgency
from plugins.belastingdienst.models import Filing, FilingEvent
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.models.filing import FilingStage
from plugins.belastingdienst.texts import status_words

STAGES = {
    FilingStage.PREPARED: (_l("Concept"), "amber"),
    FilingStage.APPROVED: (_l("Wacht op verzending"), "blue"),
    FilingStage.DELIVERED: (_l("Verzonden"), "blue"),
    FilingStage.ACCEPTED: (_l("Geaccepteerd"), "green"),
    FilingStage.REJECTED: (_l("Niet geaccepteerd"), "red"),
    FilingStage.CANCELLED: (_l("Geannuleerd"), "grey"),
    FilingStage.STOPPED: (_l("Wacht op u"), "red"),
}
KINDS = {
    DeclarationKind.VAT_RETURN: _l("Btw-aangifte"),
    DeclarationKind.ICP: _l("ICP-opgaaf"),
    DeclarationKind.SUPPLETIE: _l("Suppletie"),
}
PIECES = {
    "message": _l("Het bericht (XBRL) zoals het is verstuurd"),
    "receipt": _l("De ontvangstbevestiging"),
    "status": _l("Een antwoord met statussen"),
}
URGENCIES = {
    Urgency.EARLY: (_l("Op tijd"), "green"),
    Urgency.SOON: (_l("Binnenkort"), "amber"),
    Urgency.LATE: (_l("Te laat"), "red"),
}


def stage(filing: Filing) -> tuple[str, str]:
    """Return a declaration's stage in words, and the colour that goes with it."""
    text, colour = STAGES[FilingStage(filing.stage)]
    return str(text), colour


def channel(name: str) -> str:
    """Return a channel in words."""
    if name == DIGIPOORT:
        return str(_("Digipoort, eigen certificaat"))
    found = routes.all_routes().get(name)
    return str(found[1].title) if found else name


def kind(value: str) -> str:
    """Return a kind of declaration in words."""
    return str(KINDS[DeclarationKind(value)])


def reason(filing: Filing) -> Explained | None:
    """Return why a declaration waits or stopped; None when all is well."""
    if not filing.code:
        return None
    return explain(filing.code, {**filings.named(filing), **filing.params})


def event(filing: Filing, line: FilingEvent) -> StatusWords:
    """Return the words of a line of the timeline; an unknown one speaks for itself."""
    found = status_words.words(filing.channel, line.code)
    if found is not None:
        return found
    title = line.description or _("Status %(code)s", code=line.code)
    return StatusWords(
        title, _("Deze status kennen wij niet; wij blijven vragen."), "grey"
    )


def is_ours(line: FilingEvent) -> bool:
    """Tell whether a line is a step of ours, not the channel's own status."""
    return line.code in status_words.OWN
