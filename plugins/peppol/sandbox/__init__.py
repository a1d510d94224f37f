"""A strict simulator of an access point (phoss AP's REST) and the network's register.

Written from the documents named in the README, not from the client. It checks what a
real one may: participants and their numbers, kinds of documents, the envelope's facts
against the document, the sums. It does **not** refuse the same id twice: no contract
promises that, so a resend becomes a second document, which the tests count.
"""

from plugins.peppol.sandbox.app import create_app

__all__ = ["create_app"]
