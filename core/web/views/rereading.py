"""Reading a package's codes and accounts again, by the button beside them."""

from flask import flash
from flask_babel import gettext as _

from core.domain.errors import KoppelwerkError
from core.models import Connection
from core.runtime.database import session
from core.services.linking import checking
from core.texts import explain


def read_again(connection: Connection) -> None:
    """Read them and commit; the page that follows says how it went."""
    try:
        checking.load_reference(connection)
        session().commit()
        flash(_("De codes en rekeningen zijn opnieuw opgehaald."), "success")
    except KoppelwerkError as error:
        session().rollback()
        words = explain(error.code, error.params)
        flash(f"{words.what} {words.action}", "error")
