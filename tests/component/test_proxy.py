"""What `deploy/nginx.conf` does, by the nginx of this machine: Debian's, which is older
than that of the images."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from core.main.stack import free_port
from tests.certificates import self_signed
from tests.meta.project import ROOT

AROUND = """{user}daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{}}
http {{
access_log off;
{places}
{ours}
}}
"""
PLACES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass
class Proxy:
    """A proxy with a server behind it, and what reached that one."""

    port: int
    plain: int
    certificate: Path
    seen: list[dict[str, str]] = field(default_factory=list)


def _behind(proxy_seen: list[dict[str, str]]) -> ThreadingHTTPServer:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy_seen.append({key.title(): text for key, text in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _answer  # names of the library

        def log_message(self, *_said: Any) -> None:
            """Keep quiet."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Answering)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if shutil.which("nginx") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx is missing")
        pytest.skip("nginx is missing")
    folder = tmp_path_factory.mktemp("proxy")
    certificate, key = self_signed(folder)
    made = Proxy(free_port(), free_port(), certificate)
    behind = _behind(made.seen)
    Thread(target=behind.serve_forever, daemon=True).start()
    config = _written(folder, made, key, behind.server_address[1])
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(config)])
    try:
        _wait(made.port, process)
        yield made
    finally:
        process.terminate()
        process.wait(20)
        behind.shutdown()
        behind.server_close()


def _written(folder: Path, made: Proxy, key: Path, server: int) -> Path:
    """Write the configuration with ports and certificate of this machine."""
    ours = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for old, new in (
        ("web:8000", f"127.0.0.1:{server}"),
        ("listen [::]:443 ssl http2;", ""), ("listen [::]:80;", ""),
        ("listen 443 ", f"listen 127.0.0.1:{made.port} "),
        ("listen 80;", f"listen 127.0.0.1:{made.plain};"),
        ("/etc/nginx/certificates/fullchain.pem", str(made.certificate)),
        ("/etc/nginx/certificates/privkey.pem", str(key)),
    ):  # fmt: skip
        assert old in ours, old
        ours = ours.replace(old, new)
    places = "\n".join(f"{name}_temp_path {folder}/{name};" for name in PLACES)
    user = "user root; " if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(user=user, folder=folder, places=places, ours=ours))
    return config


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "nginx did not take the configuration"
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nginx does not listen")


def _call(proxy: Proxy, method: str = "GET", **rest: Any) -> requests.Response:
    address = f"https://127.0.0.1:{proxy.port}/x"
    trusted = str(proxy.certificate)
    return requests.request(method, address, verify=trusted, timeout=30, **rest)


def test_a_visitor_is_known_by_his_address_not_by_what_he_says(proxy: Proxy) -> None:
    forged = {
        "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "http",
        "Forwarded": "for=10.0.0.1", "Host": "shop.example",
    }  # fmt: skip
    assert _call(proxy, headers=forged).status_code == 200
    seen = proxy.seen[-1]
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"], seen["Host"]) == (
        "127.0.0.1", "https", "shop.example",
    )  # fmt: skip
    assert not seen.get("Forwarded")


def test_a_body_goes_on_when_it_is_whole_and_not_too_large(proxy: Proxy) -> None:
    context = ssl.create_default_context(cafile=str(proxy.certificate))
    with (
        socket.create_connection(("127.0.0.1", proxy.port), 30) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as slow,
    ):
        before = len(proxy.seen)
        head = b"POST /x HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 10\r\n\r\n"
        slow.sendall(head + b"12345")
        assert _call(proxy).status_code == 200
        assert len(proxy.seen) == before + 1  # the other's; the half one stays here
        slow.sendall(b"67890")
        assert slow.recv(100).startswith(b"HTTP/1.1 200")
        assert len(proxy.seen) == before + 2
    large = _call(proxy, "POST", data=b"x" * (10 * 1024 * 1024 + 1))
    assert large.status_code == 413
    assert len(proxy.seen) == before + 2


def test_without_tls_one_is_led_to_it(proxy: Proxy) -> None:
    answer = requests.get(
        f"http://127.0.0.1:{proxy.plain}/x?y=1",
        headers={"Host": "shop.example"}, allow_redirects=False, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://shop.example/x?y=1"
