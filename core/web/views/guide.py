"""What anybody may read: the words we use, and questions with their answers."""

from flask import Blueprint, render_template

from core.runtime.extensions import settings
from core.texts.glossary import TERMS
from core.texts.questions import SUBJECTS
from core.web.policy import access
from core.web.views.display import euro

pages = Blueprint("guide", __name__)


@pages.get("/begrippen")
@access("public")
def terms() -> str:
    """Show every word of the glossary, by the alphabet of the page's language."""
    shown = sorted(TERMS.items(), key=lambda item: str(item[1].word).casefold())
    return render_template("guide/terms.html", shown=shown)


@pages.get("/vragen")
@access("public")
def questions() -> str:
    """Show questions and answers, by subject."""
    ours = settings()
    values = {
        "days": ours.trial_days,
        "installation": euro(ours.price_installation),
        "backfill": euro(ours.price_backfill),
    }
    return render_template("guide/questions.html", subjects=SUBJECTS, values=values)
