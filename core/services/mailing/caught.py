"""What the local catcher keeps of mails that were sent: it goes with whom it names.

A mail server of others has what it was given, and whoever got it.
"""

from sqlalchemy import ColumnElement, select

from core.kit.mailcatcher.store import Store
from core.models import Mail
from core.runtime.database import session
from core.runtime.extensions import settings
from core.services.mailing.smtp import message_id


def forget(*which: ColumnElement[bool], naming: str = "") -> None:
    """Throw away the mails of these rows; with `naming` those that hold that text."""
    folder = settings().mails
    if folder.is_dir():
        rows = session().scalars(select(Mail).where(*which))
        Store(folder).forget({message_id(row) for row in rows}, naming)
