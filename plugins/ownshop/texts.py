"""The user's words for this plugin's codes."""

from flask_babel import lazy_gettext as _l

from core.plugin.texts import ErrorText

TEXTS = {
    "ownshop_name_missing": ErrorText(
        _l("De winkel heeft nog geen naam."),
        _l("Aan de naam herkent u de winkel in uw overzichten."),
        _l("Vul een naam in."),
    ),
}
