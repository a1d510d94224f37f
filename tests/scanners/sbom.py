"""Write the product's bill of materials: `python -m tests.scanners.sbom`.

`var/sbom.json` (CycloneDX) holds every package of `requirements.lock` with its hashes
and licence, and every file by others that is served or printed (`vendor.toml`). What
has no hash or a licence that is not on the list of `pyproject.toml` is a complaint.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.scanners import ROOT, ended, normal, pins, settings

WRITTEN = ROOT / "var" / "sbom.json"
LOCK = ROOT / "requirements.lock"
VENDORED = ("core/web/static/vendor.toml", "core/rules/fonts/vendor.toml")
Part = dict[str, Any]


def made(lock: Path = LOCK) -> dict[str, Any]:
    """Return the bill of materials of a lock file and of the vendored files."""
    done = subprocess.run(
        [
            sys.executable, "-m", "cyclonedx_py", "requirements", str(lock),
            "--pyproject", str(ROOT / "pyproject.toml"), "--spec-version", "1.6",
            "--output-reproducible", "--no-validate",
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    bom: dict[str, Any] = json.loads(done.stdout)
    for part in bom["components"]:
        part["licenses"] = [{"license": {"name": licence(part["name"])}}]
    bom["components"] += [part for path in VENDORED for part in vendored(ROOT / path)]
    return bom


def licence(package: str) -> str:
    """Return the licence that an installed package names, or that we know it has."""
    untold: str = settings("sbom")["untold"].get(package, "")
    try:
        about = metadata.metadata(package)
    except metadata.PackageNotFoundError:  # locked for other Pythons than this one
        return untold
    classes = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    plain = (about["License"] or "").partition("\n")[0]
    named = about["License-Expression"] or " OR ".join(classes) or plain
    return named or untold


def vendored(record: Path) -> Iterator[Part]:
    """Return what a record of files by others names."""
    for name, item in tomllib.loads(record.read_text("utf-8")).items():
        yield {
            "type": "file",
            "bom-ref": f"{name}@{item['version']}",
            "name": name,
            "version": item["version"],
            "licenses": [{"license": {"name": item["licence"]}}],
            "hashes": [{"alg": "SHA-256", "content": item["sha256"]}],
        }


def complaints(bom: dict[str, Any], lock: str) -> Iterator[str]:
    """Say what the bill does not hold of a lock file, and what is not allowed."""
    allowed = settings("sbom")["licences"]
    parts: list[Part] = bom["components"]
    held = {(normal(part["name"]), part.get("version")) for part in parts}
    for pin in sorted(set(pins(lock).items()) - held):
        yield f"{'=='.join(pin)} is locked, but missing"
    for part in parts:
        named = part["licenses"][0]["license"]["name"]
        if not _hashed(part):
            yield f"{part['name']} has no hash"
        if named not in allowed:
            yield f"{part['name']} has a licence that is not allowed: {named!r}"


def malformed(bom: dict[str, Any]) -> Iterator[str]:
    """Say what is not as CycloneDX prescribes."""
    from cyclonedx.schema import SchemaVersion  # a second of CPU to import
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bom))
    if error:
        yield f"not as CycloneDX prescribes: {error}"


def _hashed(part: Part) -> bool:
    places = [part, *part.get("externalReferences", ())]
    return any(place.get("hashes") for place in places)


def main() -> int:
    """Write the bill and look at it."""
    bom = made()
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(json.dumps(bom, indent=1), "utf-8")
    found = [*complaints(bom, LOCK.read_text("utf-8")), *malformed(bom)]
    return ended("sbom", found)


if __name__ == "__main__":
    sys.exit(main())
