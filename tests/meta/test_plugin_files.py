"""What has one meaning has one name and one place in every plugin."""

import re
from pathlib import Path

import pytest

from core.main.commands import plugin_files
from core.main.commands.plugin_files import strange_files
from tests.meta.project import ROOT

PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/__manifest__.py"))
DOCUMENT = ROOT / "docs" / "plugin-files.md"
LISTS = {
    "Right in the plugin": plugin_files.FILES,
    "Folders": plugin_files.FOLDERS,
    "In the folder of a traffic": plugin_files.TRAFFIC,
    "In `client`": plugin_files.CLIENT,
}
OWN = {
    "accountview": (
        "activation.py", "autoreport.py", "route.py", "services.py", "status_words.py",
        "undertakings.py", "users.py", "vat_accounts.py", "views",
    ),
    "belastingdienst": (
        "channels", "evidence", "figures", "filing", "forms", "icp", "law", "models",
        "oss", "paper", "reminders", "sales", "sending", "setup", "texts", "views",
        "watching", "xbrl",
    ),
    "peppol": ("channel.py", "evidence", "receiving", "sending"),
}  # fmt: skip
"""Rooms that no other has: the wizard of manual 003, and what filing and e-invoices are
made of."""


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda path: path.name)
def test_a_plugins_files_are_called_as_in_every_plugin(folder: Path) -> None:
    own = OWN.get(folder.name, ())
    strange = [name for name in strange_files(folder) if name.split("/")[0] not in own]
    assert strange == []


@pytest.mark.parametrize("name", OWN)
def test_every_room_of_their_own_is_there(name: str) -> None:
    assert [
        room for room in OWN[name] if not (ROOT / "plugins" / name / room).exists()
    ] == []


MADE = (
    "mapping.py",
    "mapper.py",
    "orders/sender.py",
    "orders/helpers.py",
    "sandbox/anything.py",
    "returns/ob.py",
)


def test_a_file_of_another_name_is_found(tmp_path: Path) -> None:
    for name in MADE:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = list(strange_files(tmp_path))
    assert found == ["mapper.py", "orders/helpers.py", "returns/ob.py"]


@pytest.mark.parametrize("heading", LISTS)
def test_the_document_lists_the_same(heading: str) -> None:
    text = DOCUMENT.read_text("utf-8").partition(f"\n## {heading}\n")[2]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", text.partition("\n## ")[0], re.M)
    assert dict(rows) == LISTS[heading]
