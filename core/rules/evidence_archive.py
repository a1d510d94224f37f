"""Evidence as a ZIP that can be checked without this program. Pure.

Each piece is a file; `keten.json` names them with their hashes, and the text beside it
says how the hashes are made.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from core.rules.evidence_chain import Link

INDEX = "keten.json"
README = "LEESMIJ.txt"


class NotEvidence(ValueError):
    """The bytes are no archive that `write` made."""


def write(links: Iterable[tuple[Link, str]], readme: str) -> bytes:
    """Return an archive of links with their stored hashes."""
    made = list(links)
    sink = BytesIO()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        archive.writestr(README, readme)
        for link, _stored in made:
            archive.writestr(name_of(link), link.content)
        index = [_entry(link, stored) for link, stored in made]
        archive.writestr(INDEX, json.dumps(index, indent=1))
    return sink.getvalue()


def name_of(link: Link) -> str:
    """Return a piece's file name: its place, what it is, and how to open it."""
    is_xml = link.content.lstrip().startswith(b"<")
    suffix = "xbrl" if link.kind == "message" else "xml" if is_xml else "json"
    return f"{link.sequence:03}-{link.kind}.{suffix}"


def _entry(link: Link, stored: str) -> dict[str, Any]:
    return {
        "file": name_of(link),
        "reference": link.reference,
        "sequence": link.sequence,
        "kind": link.kind,
        "at": link.at.isoformat(),
        "keep_until": link.keep_until.isoformat(),
        "sha256": link.content_hash,
        "previous_hash": link.previous_hash,
        "chain_hash": stored,
    }


def read(content: bytes) -> Sequence[tuple[Link, str]]:
    """Read an archive back, for `chain.flaws`; NotEvidence when it is none."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            index = json.loads(archive.read(INDEX))
            return [_link(entry, archive.read(entry["file"])) for entry in index]
    except (BadZipFile, KeyError, TypeError, ValueError) as error:
        raise NotEvidence(str(error)) from error


def _link(entry: dict[str, Any], content: bytes) -> tuple[Link, str]:
    link = Link(
        reference=entry["reference"],
        sequence=entry["sequence"],
        kind=entry["kind"],
        at=datetime.fromisoformat(entry["at"]),
        keep_until=date.fromisoformat(entry["keep_until"]),
        content=content,
        previous_hash=entry["previous_hash"],
    )
    return link, entry["chain_hash"]
