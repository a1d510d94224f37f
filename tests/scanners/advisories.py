"""Compare what is locked with known vulnerabilities: `make advisories`.

They are fetched into `var/advisories.json` with the moment; where that cannot be done,
those of last time count until they are too old. Never green without data: a package
that nothing is known of is a complaint. An exception ends on the date it names.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from tempfile import NamedTemporaryFile
from typing import Any

from tests.scanners import ROOT, ended, normal, pins, settings

KEPT = ROOT / "var" / "advisories.json"
LOCKS = ("requirements.lock", "requirements-dev.lock")
ATTEMPT_SECONDS = 600


def fetched() -> dict[str, Any] | None:
    """Ask for the advisories of everything locked; nothing if one was not to be had.

    Of PyPI, or of who PIP_AUDIT_VULNERABILITY_SERVICE and PIP_AUDIT_OSV_URL name.
    """
    with NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as plain:
        # without markers: what other Pythons need is asked for too
        locked = pins((ROOT / LOCKS[1]).read_text("utf-8"))
        plain.writelines(f"{name}=={version}\n" for name, version in locked.items())
        plain.flush()
        done = subprocess.run(
            [
                sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps",
                "--requirement", plain.name, "--format", "json",
                "--progress-spinner", "off",
            ],
            cwd=ROOT, capture_output=True, text=True, timeout=ATTEMPT_SECONDS,
        )  # fmt: skip
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        print(done.stderr[-500:])  # noqa: T201
        return None
    skipped = [item["name"] for item in answer["dependencies"] if _skipped(item)]
    if skipped:
        print(f"advisories: nothing to be had about {len(skipped)}")  # noqa: T201
        return None
    return {"fetched": datetime.now(UTC).isoformat(), **answer}


def _skipped(item: dict[str, Any]) -> bool:
    return "skip_reason" in item


def complaints(
    data: dict[str, Any] | None, lock: str, own: dict[str, Any], now: datetime
) -> Iterator[str]:
    """Say what is vulnerable, unknown or too old, and which exceptions are wrong."""
    if data is None:
        yield "there are none: they were never fetched"
        return
    age = now - datetime.fromisoformat(data["fetched"])
    if age > timedelta(days=own["newest-days"]):
        yield f"fetched {age.days} days ago, the limit is {own['newest-days']}"
    known = {
        (normal(item["name"]), item["version"]): item["vulns"]
        for item in data["dependencies"]
        if not _skipped(item)
    }
    for pin in sorted(set(pins(lock).items()) - known.keys()):
        yield f"nothing is known about {'=='.join(pin)}: fetch again"
    yield from _exceptions(own, known, now.date())
    excepted = {(normal(one["package"]), one["id"]) for one in own["exceptions"]}
    for (name, version), vulnerabilities in known.items():
        for one in vulnerabilities:
            if not any((name, number) in excepted for number in _numbers(one)):
                mended = ", ".join(one["fix_versions"]) or "nothing yet"
                yield f"{name}=={version}: {one['id']}, mended in {mended}"


def _exceptions(
    own: dict[str, Any], known: dict[tuple[str, str], Any], today: date
) -> Iterator[str]:
    found = {
        (name, number)
        for (name, _version), vulnerabilities in known.items()
        for one in vulnerabilities
        for number in _numbers(one)
    }
    for one in own["exceptions"]:
        words = f"the exception of {one['package']}, {one['id']}"
        if one["until"] < today:
            yield f"{words} ended on {one['until']}"
        if one["until"] > today + timedelta(days=own["exception-days"]):
            yield f"{words} lasts more than {own['exception-days']} days"
        if (normal(one["package"]), one["id"]) not in found:
            yield f"{words} excepts nothing"


def _numbers(vulnerability: dict[str, Any]) -> list[str]:
    return [vulnerability["id"], *vulnerability.get("aliases", ())]


def main() -> int:
    """Fetch, keep and compare."""
    new = fetched()
    if new:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(new), "utf-8")
    data = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else None
    lock = "\n".join((ROOT / name).read_text("utf-8") for name in LOCKS)
    found = complaints(data, lock, settings("advisories"), datetime.now(UTC))
    return ended("advisories", found)


if __name__ == "__main__":
    sys.exit(main())
