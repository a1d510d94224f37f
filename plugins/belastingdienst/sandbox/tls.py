"""The same sandbox over TLS that asks for a client certificate, as Digipoort does."""

import ssl
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from werkzeug.serving import BaseWSGIServer

from core.kit.sandbox.server import server_for
from plugins.belastingdienst.sandbox.authority import Authority


def tls_server(app: Flask, authority: Authority, port: int = 0) -> BaseWSGIServer:
    """Return a server on loopback that lets in only certificates of the authority."""
    pair = authority.issue("localhost", "00000004003214345000")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # contract section 4
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.root_pem)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_text(pair.certificate_pem + pair.key_pem)
        context.load_cert_chain(path)
    server = server_for(app, port)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.ssl_context = context
    return server


def start(app: Flask, authority: Authority) -> BaseWSGIServer:
    """Serve in a thread of its own."""
    server = tls_server(app, authority)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
