"""Every status of Digipoort has words, and a service's own are asked of it."""

from flask import Flask

from plugins.accountview.route import NAME as AUTOREPORT
from plugins.belastingdienst.channels.digipoort.channel import ACCEPTED, REJECTED
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.sandbox.digipoort import TEXTS
from plugins.belastingdienst.texts.status_words import words


def test_every_status_has_words() -> None:
    ends = ACCEPTED | REJECTED
    codes = {*TEXTS, *ends, "220", "230", "321", "720"}
    for code in codes:
        found = words(DIGIPOORT, code)
        assert found is not None, code
        assert (found.colour == "red") == (code in REJECTED), code
    assert words(DIGIPOORT, "999") is None


def test_a_services_statuses_come_from_it(app: Flask) -> None:
    with app.app_context():
        assert words(AUTOREPORT, "Acknowledged") is not None
        assert words(AUTOREPORT, "500") is None
        assert words("nobody", "Acknowledged") is None
        assert words("nobody", "approved") is not None
