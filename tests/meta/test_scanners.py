"""Each scanner of `make check` and `make advisories` finds what is planted here."""

import json
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.scanners import ROOT, advisories, ended, sbom, secrets

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LOCK = "acme==1.2.0 \\\n    --hash=sha256:00\n    # via them\nOther_Part==3 \\\n"


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("check", "ruff check ."),
        ("check", "python -m tests.scanners.secrets"),
        ("check", "python -m tests.scanners.sbom"),
        ("advisories", "python -m tests.scanners.advisories"),
    ],
)
def test_the_target_runs_the_scanner(target: str, command: str) -> None:
    planned = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True
    )
    lines = [line.removeprefix(".venv/bin/") for line in planned.stdout.splitlines()]
    assert command in lines  # bare: nothing after it that swallows its exit code


@pytest.mark.parametrize(
    ("place", "code", "rule"),
    [
        ("core/services/planted.py", "eval(x)\n", "S307"),
        ("core/web/planted.py", "import pickle\n\npickle.loads(x)\n", "S301"),
        ("plugins/eaccounting/planted.py", "run(x, shell=True)\n", "S604"),
        (
            "plugins/kmoshops/client.py",
            "import requests\n\nrequests.get(x, verify=False)\n",
            "S501",
        ),
        ("plugins/vies/sandbox/planted.py", "query = f'select {x} from y'\n", "S608"),
        ("core/net/planted.py", "import hashlib\n\nhashlib.md5(x)\n", "S324"),
        ("examples/moneybird/moneybird/planted.py", "eval(x)\n", "S307"),
    ],
)
def test_ruff_finds_what_is_unsafe(place: str, code: str, rule: str) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format",
            "concise", "--stdin-filename", place, "-",
        ],
        cwd=ROOT, input=code, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert rule in done.stdout


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("key = '" + "AKIA" + "QYLPMN5HHHFPZAM2'", "AWS Access Key"),
        (
            "token = '" + "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'",
            "GitHub Token",
        ),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
        ("url: https://me:" + "hunter22@example.com/", "Basic Auth Credentials"),
        ("it = '" + "c3VwZXIgbG9uZyBzdHJp" + "bmcgc2hvdWxkIGNhdXNl'", "Base64"),
        (f"it = '{sha256(b'planted').hexdigest()}'", "Hex High Entropy"),
        ("pass" + "word = 'hunter22'", "Secret Keyword"),
    ],
)
def test_a_planted_secret_is_found(tmp_path: Path, line: str, kind: str) -> None:
    (tmp_path / "planted.py").write_text(f"\n{line}\n", "utf-8")
    found = list(secrets.complaints(secrets.found_in(["planted.py"], tmp_path), {}))
    assert any(f"planted.py: new: {kind}" in complaint for complaint in found)
    assert ended("secrets", found) == 1


def test_vat_numbers_and_ibans_are_no_secrets(tmp_path: Path) -> None:
    words = "BE0403019261", "123456782B01", "NL123456782B01", "BE68539007547034"
    text = "".join(f"x = {word!r}\n" for word in words)
    (tmp_path / "planted.py").write_text(text, "utf-8")
    assert secrets.found_in(["planted.py"], tmp_path) == {}


def test_a_known_secret_that_is_gone_or_another_is_told() -> None:
    known = {"a.py": ["Kind: 1"], "b.py": ["Kind: 2"]}
    assert list(secrets.complaints(known, known)) == []
    assert list(secrets.complaints({"a.py": ["Kind: 3"]}, known)) == [
        "a.py: new: Kind: 3",
        "a.py: listed, but gone: Kind: 1",
        "b.py: listed, but gone: Kind: 2",
    ]


def test_every_file_of_the_project_is_scanned_for_secrets() -> None:
    files = set(secrets.tracked())
    assert {"core/main/app.py", "tests/conftest.py", "README.md", ".ci/run"} <= files
    assert {str(Path(__file__).relative_to(ROOT))} <= files
    assert set(json.loads(secrets.KNOWN.read_text("utf-8"))) <= files


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.made()


def test_the_bill_holds_what_is_locked_and_what_is_vendored(
    bill: dict[str, Any],
) -> None:
    assert list(sbom.complaints(bill, sbom.LOCK.read_text("utf-8"))) == []
    names = {part["name"] for part in bill["components"]}
    assert {"flask", "lxml", "htmx", "wenquanyi-micro-hei"} <= names


def _changed(bill: dict[str, Any], **values: Any) -> dict[str, Any]:
    first, *others = bill["components"]
    return {**bill, "components": [{**first, **values}, *others]}


def test_the_bill_is_refused_for_what_is_wrong_in_it(bill: dict[str, Any]) -> None:
    lock = sbom.LOCK.read_text("utf-8")
    agpl = [{"license": {"name": "AGPL-3.0-only"}}]
    first = bill["components"][0]["name"]

    def told(bill: dict[str, Any], lock: str = lock) -> str:
        (complaint,) = sbom.complaints(bill, lock)
        return complaint

    assert told(bill, lock + "\nacme==1.2.0\n") == "acme==1.2.0 is locked, but missing"
    assert told(_changed(bill, externalReferences=[])) == f"{first} has no hash"
    assert told(_changed(bill, licenses=agpl)) == (
        f"{first} has a licence that is not allowed: 'AGPL-3.0-only'"
    )


def test_the_bill_is_as_cyclonedx_prescribes(bill: dict[str, Any]) -> None:
    (complaint,) = sbom.malformed(_changed(bill, type="library or so"))
    assert "CycloneDX" in complaint


def test_vendored_fonts_are_the_ones_recorded() -> None:
    folder = ROOT / "core/rules/fonts"
    record = tomllib.loads((folder / "vendor.toml").read_text("utf-8"))
    assert {item["file"] for item in record.values()} == {
        path.name for path in folder.glob("*.ttf")
    }
    for item in record.values():
        content = (folder / item["file"]).read_bytes()
        assert sha256(content).hexdigest() == item["sha256"]
        assert (folder / item["licence_file"]).is_file()


def _data(*vulns: dict[str, Any], days_old: int = 0) -> dict[str, Any]:
    return {
        "fetched": (NOW - timedelta(days=days_old)).isoformat(),
        "dependencies": [
            {"name": "Acme", "version": "1.2.0", "vulns": list(vulns)},
            {"name": "other-part", "version": "3", "vulns": []},
        ],
    }


def _told(data: dict[str, Any] | None, *exceptions: dict[str, Any]) -> list[str]:
    own = {"newest-days": 7, "exception-days": 90, "exceptions": list(exceptions)}
    return list(advisories.complaints(data, LOCK, own, NOW))


VULNERABLE = {"id": "PYSEC-1", "aliases": ["CVE-9"], "fix_versions": ["1.2.1"]}


def _exception(until: date, number: str = "PYSEC-1") -> dict[str, Any]:
    return {"package": "acme", "id": number, "until": until, "why": "not reached"}


def test_advisories_are_told_unless_excepted_until_a_day() -> None:
    today = NOW.date()
    assert _told(_data()) == []
    assert _told(_data(VULNERABLE)) == ["acme==1.2.0: PYSEC-1, mended in 1.2.1"]
    assert _told(_data(VULNERABLE), _exception(today)) == []
    assert _told(_data(VULNERABLE), _exception(today, "CVE-9")) == []
    (ended_on,) = _told(_data(VULNERABLE), _exception(today - timedelta(days=1)))
    assert ended_on == "the exception of acme, PYSEC-1 ended on 2026-11-30"
    (too_long,) = _told(_data(VULNERABLE), _exception(today + timedelta(days=91)))
    assert "lasts more than 90 days" in too_long
    (idle,) = _told(_data(), _exception(today))
    assert "excepts nothing" in idle


def test_advisories_that_are_missing_old_or_partial_are_never_green() -> None:
    assert _told(None) == ["there are none: they were never fetched"]
    assert _told(_data(days_old=7)) == []
    assert _told(_data(days_old=8)) == ["fetched 8 days ago, the limit is 7"]
    partial = _data()
    partial["dependencies"][1] = {"name": "other-part", "skip_reason": "not found"}
    (unknown,) = _told(partial)
    assert unknown == "nothing is known about other-part==3: fetch again"


@pytest.mark.parametrize(
    "printed",
    [
        json.dumps({"dependencies": [{"name": "acme", "skip_reason": "not found"}]}),
        "",
    ],
)
def test_an_answer_that_skips_packages_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, printed: str
) -> None:
    def answered(*_command: Any, **_options: Any) -> Any:
        return subprocess.CompletedProcess([], 0, stdout=printed, stderr="no network")

    monkeypatch.setattr(advisories.subprocess, "run", answered)
    assert advisories.fetched() is None


def _osv(name: str) -> dict[str, Any]:
    """An advisory as https://ossf.github.io/osv-schema/ has it, made up."""
    package = {"ecosystem": "PyPI", "name": name, "purl": f"pkg:pypi/{name}"}
    events = [{"introduced": "0"}, {"fixed": "99.0"}]
    return {
        "schema_version": "1.7.5",
        "id": "PYSEC-2026-9999",
        "aliases": ["CVE-2026-99999"],
        "published": "2026-11-01T00:00:00Z",
        "modified": "2026-11-01T00:00:00Z",
        "summary": "Made up.",
        "affected": [
            {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
    }


class _OsvService(BaseHTTPRequestHandler):
    """Answers https://google.github.io/osv.dev/post-v1-query/: jinja2 is vulnerable."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        found = {"vulns": [_osv(name)]} if name == "jinja2" else {}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


def test_the_target_is_red_for_an_advisory_until_it_is_excepted_and_once_that_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the real client of the service, and what it kept when that is away."""
    today = datetime.now(UTC).date()
    own = {"newest-days": 7, "exception-days": 90, "exceptions": []}
    monkeypatch.setattr(advisories, "KEPT", tmp_path / "var" / "advisories.json")
    monkeypatch.setattr(advisories, "settings", lambda _name: own)
    with ThreadingHTTPServer(("127.0.0.1", 0), _OsvService) as service:
        Thread(target=service.serve_forever).start()
        address = f"http://127.0.0.1:{service.server_port}/v1/query"
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", address)
        assert advisories.main() == 1
        service.shutdown()
    assert "PYSEC-2026-9999, mended in 99.0" in capsys.readouterr().out
    monkeypatch.setattr(advisories, "fetched", lambda: None)  # the service is away
    for until, code in ((today, 0), (today - timedelta(days=1), 1)):
        excepted = _exception(until, "CVE-2026-99999") | {"package": "Jinja2"}
        own["exceptions"] = [excepted]
        assert advisories.main() == code
    assert f"ended on {until}" in capsys.readouterr().out
    kept = json.loads(advisories.KEPT.read_text("utf-8"))
    before = datetime.now(UTC) - timedelta(days=9)
    advisories.KEPT.write_text(json.dumps(kept | {"fetched": before.isoformat()}))
    own["exceptions"] = [_exception(today, "CVE-2026-99999") | {"package": "jinja2"}]
    assert advisories.main() == 1
    assert "fetched 9 days ago" in capsys.readouterr().out
