"""Forms of the page with tokens and webhooks."""

from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from core.net.public_address import is_address, is_public
from core.plugin.form_fields import AtLeastOne, Checkboxes
from core.runtime.extensions import settings
from core.services.api.webhook_sending import LOOPBACK
from core.services.api.webhooks_out import EVENTS
from core.texts.api import EVENTS as EVENT_WORDS
from core.texts.api import SCOPES

LONGEST_URL = 500


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A new token."""

    class Meta:
        csrf = False

    name = StringField(
        _l("Naam"),
        [InputRequired(_l("Vul een naam in.")), Length(max=100)],
        description=_l(
            "Waarvoor u het token gebruikt, bijvoorbeeld de naam van uw CRM."
        ),
    )
    scopes = Checkboxes(
        _l("Rechten"),
        choices=[SelectChoice(scope, words) for scope, words in SCOPES.items()],
        validators=[AtLeastOne(_l("Kies minstens één recht."))],
    )


class EndpointForm(FlaskForm):  # type: ignore[misc]
    """An address to tell of changes."""

    class Meta:
        csrf = False

    url = StringField(
        _l("Adres"),
        [InputRequired(_l("Vul een adres in.")), Length(max=LONGEST_URL)],
        description=_l("Begint met https:// en is vanaf het internet bereikbaar."),
    )
    events = Checkboxes(
        _l("Meldingen"),
        choices=[SelectChoice(event, EVENT_WORDS[event]) for event in EVENTS],
        validators=[AtLeastOne(_l("Kies minstens één melding."))],
    )

    def validate_url(self, field: Any) -> None:
        """Refuse what we would not call anyway."""
        field.data = (field.data or "").strip()
        if not is_callable(field.data):
            raise ValidationError(
                _("Vul een openbaar adres in dat met https:// begint.")
            )


def is_callable(url: str) -> bool:
    """Tell whether a webhook may go to an address, as far as its text tells."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not url.isascii() or not url.isprintable() or " " in url or not host:
        return False
    if settings().webhooks_to_loopback and host in LOOPBACK:
        return parts.scheme in ("http", "https")
    is_named = not is_address(host) and "." in host and not host.endswith(".local")
    is_open = is_public(host) or is_named
    return parts.scheme == "https" and parts.username is None and is_open
