"""Every status of either channel has words."""

from plugins.accountview.sandbox.autoreport import SCENARIOS
from plugins.belastingdienst.channels.digipoort.channel import ACCEPTED, REJECTED
from plugins.belastingdienst.models.administration import ProfileKind
from plugins.belastingdienst.sandbox.digipoort import TEXTS
from plugins.belastingdienst.texts.status_words import words


def test_every_status_has_words() -> None:
    ends = ACCEPTED | REJECTED
    codes = {*TEXTS, *ends, "220", "230", "321", "720"}
    for code in codes:
        found = words(ProfileKind.DIGIPOORT, code)
        assert found is not None, code
        assert (found.colour == "red") == (code in REJECTED), code
    names = {one for steps in SCENARIOS.values() for one in steps}
    documented = {
        "Data Received", "Wait For Authentication", "Report fetched",
        "Report validated", "Forwarded", "Sending", "Sent", "Acknowledged",
        "NotAccepted By Government", "Ready for download", "Login Required",
        "Error Report Upload", "Error Forwarding", "Error Log On", "Error in Report",
        "Error Validating Report", "Canceled",
    }  # fmt: skip
    for name in names | documented:
        assert words(ProfileKind.AUTOREPORT, name) is not None, name
    assert words(ProfileKind.DIGIPOORT, "999") is None
