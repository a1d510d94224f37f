"""Search the project for secrets: `python -m tests.scanners.secrets`.

What is known to be none stands in `known_secrets.json` by file, kind and hash; what
stands there and is no longer found is a complaint too, so that the list stays true.
`--write` makes it anew: look at the difference before it is committed.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

from tests.scanners import ROOT, ended, settings

KNOWN = Path(__file__).with_name("known_secrets.json")
Known = dict[str, list[str]]
"""Per file the kinds and hashes of what was found in it."""


def found_in(files: Iterable[str], root: Path = ROOT) -> Known:
    """Return what looks like a secret in these files below a folder."""
    own = settings("secrets")
    with transient_settings(
        {
            "plugins_used": [{"name": name} for name in own["detectors"]],
            "filters_used": [
                *(
                    {"path": f"detect_secrets.filters.{path}"}
                    for path in own["filters"]
                ),
                {
                    "path": "detect_secrets.filters.regex.should_exclude_secret",
                    "pattern": own["no-secrets"],
                },
            ],
        }
    ):
        secrets = SecretsCollection(root=str(root))
        secrets.scan_files(*files)
        result: Known = {}
        for file, secret in secrets:
            words = file.startswith("tests/") and secret.type == "Secret Keyword"
            if not words:
                result.setdefault(file, []).append(
                    f"{secret.type}: {secret.secret_hash[:16]}"
                )
    return {file: sorted(set(result[file])) for file in sorted(result)}


def complaints(found: Known, known: Known) -> Iterator[str]:
    """Say what is new and what is known without being there."""
    for file in sorted({*found, *known}):
        here, listed = set(found.get(file, ())), set(known.get(file, ()))
        yield from (f"{file}: new: {item}" for item in sorted(here - listed))
        yield from (f"{file}: listed, but gone: {item}" for item in listed - here)


def files() -> list[str]:
    """Return the files of the project, also those that are not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [name for name in listed.split("\0") if (ROOT / name).is_file()]


def tracked() -> list[str]:
    """Return those of them that are read for secrets."""
    skipped = tuple(settings("secrets")["skipped"])
    return [name for name in files() if not name.endswith(skipped)]


def main() -> int:
    """Scan the project; with `--write` take what is there as known."""
    found = found_in(tracked())
    if "--write" in sys.argv[1:]:
        KNOWN.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        return 0
    known: Known = json.loads(KNOWN.read_text("utf-8"))
    return ended("secrets", complaints(found, known))


if __name__ == "__main__":
    sys.exit(main())
