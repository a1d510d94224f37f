"""A mail server that delivers nothing: it keeps mails and shows them on a page.

The default where no SMTP_URL is set. It listens on this machine only.
"""

HOST = "127.0.0.1"
SMTP_PORT = 8025
PAGE_PORT = 8026
