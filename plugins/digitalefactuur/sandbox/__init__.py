"""A strict simulator of DigitaleFactuur: XML, and errors in the body with status 200.

Written from the vendor's samples and the notes on them (sections 1.1 to 1.3), not from
the client. What those do not say is the sandbox's own choice, always the strict or
unhelpful one, and marked so where it is made: which codes errors have, lengths, the
size of a page, that a write answers with words instead of an id, that an update empties
what it leaves out.
"""

from plugins.digitalefactuur.sandbox.app import create_app

__all__ = ["create_app"]
