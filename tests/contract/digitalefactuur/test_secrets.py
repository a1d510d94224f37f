"""Account id and access code, planted, are looked for in every place they could reach.

They are segments of every address, and a vendor may repeat them in its own words.
"""

import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import structlog

from core.domain.errors import KoppelwerkError
from core.domain.redact import mask, redact, redact_cut
from core.net import transport
from core.runtime.process_logs import configure_logs
from core.runtime.settings import Settings
from plugins.digitalefactuur import wire
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur
from tests.component.loopback import (
    Behaviour,
    answer,
    cut_off,
    dropped,
    html,
    loopback,
    text,
)

PAIRS = [
    ("4711", "geheime-code-abcdef"),
    ("52", "kort1"),
    ("133366", "nog-een-code"),
    ("account+met/teken", "code=met&tekens"),
]
"""The second code is too short to be registered: only the client knows it."""


@dataclass(frozen=True)
class _Case:
    behaviour: Callable[[str, str], Behaviour]
    fails: bool = True


def _says(body: str, status: int = 200) -> _Case:
    def behave(account: str, code: str) -> Behaviour:
        filled = body.replace("ACCOUNT", account).replace("CODE", code)
        return text(status, filled, "text/html")

    return _Case(behave)


CASES: dict[str, _Case] = {
    "refused": _says("401 Account ACCOUNT kent CODE niet"),
    "unknown code": _says("123 Toegangscode CODE, account ACCOUNT: verlopen"),
    "invalid": _says("422 /api/ACCOUNT/CODE/klanten: fout"),
    "4xx": _says("Niet gevonden: /api/ACCOUNT/CODE/klanten", 404),
    "5xx": _says("Fout in /api/ACCOUNT/CODE/klanten", 500),
    "429": _says("Te druk: ACCOUNT CODE", 429),
    "nonsense": _says("<r><ACCOUNT/><CODE>x</CODE></r>"),
    "broken": _says("<r><a>ACCOUNT CODE"),
    "redirect": _Case(
        lambda account, code: answer(302, {}, Location=f"/api/{account}/{code}/x")
    ),
    "page": _Case(lambda account, code: html()),
    "dropped": _Case(lambda account, code: dropped),
    "cut off": _Case(lambda account, code: cut_off),
    "fine": _Case(
        lambda account, code: text(
            200,
            f"<r><klanten><id>1</id><type>debiteur</type>"
            f"<naam>{account.replace('&', '')} {code.replace('&', '')}</naam>"
            f"</klanten></r>",
            "text/xml",
        ),
        fails=False,
    ),
}
CALLS: dict[str, Callable[[DigitaleFactuur], Any]] = {
    "read": lambda df: df.customers(),
    "write": lambda df: df.create_customer(wire.Customer(name="Jansen")),
}


def _sinks(error: BaseException | None) -> list[str]:
    if error is None:
        return []
    chain = [error, error.__cause__, error.__context__]
    shown = [str(one) + repr(one) for one in chain if one is not None]
    shown += [repr(vars(one)) for one in chain if one is not None]
    return [*shown, *traceback.format_exception(error)]


def _log(error: BaseException | None, client: DigitaleFactuur) -> None:
    """Log it every way the product logs."""
    logger = structlog.get_logger("test")
    if error is not None:
        logger.error("failed", error=str(error), exc_info=error)
    logger.info("exchange", exchange=client.http.last_exchange, client=repr(client))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("account", "code"), PAIRS)
def test_no_secret_reaches_any_sink(
    account: str,
    code: str,
    case: str,
    call: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    points: list[str] = []
    monkeypatch.setattr(transport.probe, "listener", points.append)
    configure_logs(replace(Settings(), var_dir=str(tmp_path), log_level="DEBUG"))
    error: BaseException | None = None
    with loopback(CASES[case].behaviour(account, code)) as server:
        credentials = Credentials(account, code)
        client = DigitaleFactuur(f"{server.url}api/", credentials)
        with client.http:
            try:
                CALLS[call](client)
            except KoppelwerkError as caught:
                error = caught
            _log(error, client)
    assert (error is not None) == CASES[case].fails or call == "write"
    out = capsys.readouterr()
    sinks = [client.http.last_exchange, repr(client), repr(client.http),
             repr(credentials), out.out, out.err, caplog.text, *points,
             *_sinks(error)]  # fmt: skip
    port = server.url.rsplit(":", 1)[-1].strip("/")
    assert "klant" in client.http.last_exchange
    for sink in sinks:
        for secret in _forms(account) | _forms(code):
            assert secret not in _without_noise(sink, port), (secret, sink)


def _forms(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote_plus(secret)}


def _without_noise(sink: str, port: str) -> str:
    """Leave out numbers that are no account: ports, object addresses, source lines."""
    sink = re.sub(r"0x[0-9a-f]+", "", sink.replace(f":{port}", ""))
    sink = re.sub(r"line \d+|\d{4}-\d\d-\d\dT[\d:.]+Z?", "", sink)
    return re.sub(r"\w+\.py:\d+", "", sink)


def test_a_short_key_is_masked_where_it_stands_alone() -> None:
    assert mask("account 52 en 520, a52", ["52"]) == "account *** en 520, a52"
    assert mask("/api/a%2Fb/x", ["a/b"]) == "/api/***/x"
    assert mask("niets", ["", "iets"]) == "niets"
    assert redact("52 euro", secrets=["52"]) == "*** euro"
    assert "kort1" not in redact_cut("x " * 50 + "kort1 " * 50, 120, secrets=["kort1"])


def test_a_cut_leaves_no_half_of_a_key() -> None:
    for limit in range(1, 60):
        shown = redact_cut("abc def geheim1 ghi " * 9, limit, secrets=["geheim1"])
        assert "geh" not in shown


def test_the_librarys_debug_lines_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    caplog.set_level(logging.DEBUG, logger=logger.name)
    logger.debug("GET /api/4711/geheim")
    logger.warning("full")
    assert [record.message for record in caplog.records] == ["full"]


def test_an_account_number_does_not_blank_other_numbers() -> None:
    DigitaleFactuur("http://127.0.0.1:9/", Credentials("12345678", "lange-code-1"))
    assert redact("NL123456789B01") == "NL123456789B01"
    assert redact("x lange-code-1 x") == "x *** x"
