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
_NAMES = """
activation administration_setup administrations archive autoreport behind
certificate_store certificates chain channels company_list corrections deadlines
delivery digipoort drafts due evidence figure_overview figure_papers figure_texts
figure_words figures filing_run filing_texts filing_turn filing_words filings
invoice_figures keeping manual_entries obligations opening paper period_figures
periods plots polling profiles reading reminders returns service_codes services
setup_texts soap status_words taxpayers timeline undertakings users wssecurity
"""
ACCOUNTVIEW = frozenset(_NAMES.split())
"""The one exception: AccountView's own modules, until issue 15 parts them."""
ACCOUNTVIEW_FOLDERS = ("forms", "models", "views", "wus", "xbrl")


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda path: path.name)
def test_a_plugins_files_are_called_as_in_every_plugin(folder: Path) -> None:
    strange = list(strange_files(folder))
    if folder.name == "accountview":
        strange = [name for name in strange if not _is_accountviews(name)]
    assert strange == []


def _is_accountviews(name: str) -> bool:
    path = Path(name)
    return path.parts[0] in ACCOUNTVIEW_FOLDERS or path.stem in ACCOUNTVIEW


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
