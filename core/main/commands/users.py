"""`flask users`: our own people, and a way in when mail does not work."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from core.models import Role, User
from core.plugin.mail import BadAddress
from core.runtime.database import transaction
from core.services.mailing import mail
from core.services.people import accounts

LIFETIME = timedelta(days=2)


@click.group()
def users() -> None:
    """The people who log in: add-operator, new-password."""


@users.command("add-operator")
@click.argument("email")
@click.option("--name", default="", help="What tenants read when you look at theirs.")
@with_appcontext
def add_operator(email: str, name: str) -> None:
    """Add an operator EMAIL and print a password that is good once, for two days."""
    try:
        mail.plain_address(email)
        with transaction():
            user = accounts.create_user(
                None, email=email, role=Role.OPERATOR, name=name
            )
            password = accounts.give_first_password(user, LIFETIME)
    except BadAddress as error:
        raise click.BadParameter(f"{email!r} is no e-mail address") from error
    except accounts.EmailTaken as error:
        raise click.ClickException(f"{error} logs in already") from error
    _print(user, password)


@users.command("new-password")
@click.argument("email")
@with_appcontext
def new_password(email: str) -> None:
    """Give EMAIL a password that is good once, for two days; sessions end."""
    with transaction():
        user = accounts.find_by_email(email)
        if user is None:
            raise click.ClickException(f"nobody logs in as {email}")
        password = accounts.give_first_password(user, LIFETIME)
        accounts.note(user, "password_given")
    _print(user, password)


def _print(user: User, password: str) -> None:
    click.echo(f"{user.email} logs in once with: {password}")
