"""What we sign ourselves, beside Flask's sessions: with the same keys."""

from flask import current_app


def signing_keys() -> list[bytes]:
    """Return the keys, oldest first as itsdangerous has it: the last one signs."""
    config = current_app.config
    return [*reversed(config["SECRET_KEY_FALLBACKS"]), config["SECRET_KEY"]]
