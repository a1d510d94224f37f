"""`flask vat-rates`: our table against a file or wheel of the Commission's rates."""

import json
from pathlib import Path
from zipfile import ZipFile

import eu_vat_rates_data
from click.testing import CliRunner

from core.main.commands.vat_rates import vat_rates

LISTED = Path(eu_vat_rates_data.__file__).parent / "eu_vat_rates_data.json"


def test_the_locked_list_has_no_differences() -> None:
    result = CliRunner().invoke(vat_rates, [str(LISTED)])
    assert result.exit_code == 0, result.output
    assert "0 differences" in result.output


def test_a_newer_wheel_with_another_rate_is_told(tmp_path: Path) -> None:
    listed = json.loads(LISTED.read_text("utf-8"))
    listed["rates"]["BE"]["reduced"] = [6.0, 12.0, 9.0]
    wheel = tmp_path / "eu_vat_rates_data-2027.1.1-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        name = "eu_vat_rates_data/eu_vat_rates_data.json"
        archive.writestr(name, json.dumps(listed))
    result = CliRunner().invoke(vat_rates, [str(wheel)])
    assert result.exit_code == 1
    assert "BE: 9 only there" in result.output
