"""Open items (manual 000, D): booked invoices become Betaald once wholly written off.

Asked once per 24 hours per connection, when the user switched it on. Only a plain
answer counts: an error, an empty or a cut one never means paid.
"""


def advance(connection_id: int) -> None:
    """Ask a package what is still open and store it (task body); commits by itself."""
    raise NotImplementedError
