"""*Wat verandert er*: the last orders by a configuration that is not saved yet."""

from flask import Blueprint, abort, render_template, url_for

from core.services.linking import replanning
from core.services.reporting import overview
from core.texts import impact as words
from core.web.forms import to_post_again
from core.web.policy import access
from core.web.views import rights
from core.web.views.subjects import SUBJECTS

pages = Blueprint("impact", __name__)
pages.add_app_template_global(replanning.can_replan)


@pages.post("/configuratie/<int:coupling_id>/wat-verandert/<subject>")
@access("owner")
def show(coupling_id: int, subject: str) -> str:
    """Show what the posted fields of a subject would do; nothing is saved or sent."""
    coupling = rights.seen_coupling(coupling_id)
    kind = SUBJECTS.get(subject) or abort(404)
    if not replanning.can_replan(coupling):
        abort(404)
    page = kind(coupling, is_posted=True)
    if page.errors:
        abort(400)  # the page before this one takes only what is right
    found = replanning.replan(coupling, page.store)
    coupling = rights.seen_coupling(coupling_id)
    return render_template(
        "impact/show.html",
        coupling=coupling,
        found=found,
        posted=to_post_again(),
        words=words,
        plugin=coupling.target.plugin,
        save=url_for("configuration.save", coupling_id=coupling_id, subject=subject),
        counts=overview.counts(),
    )
