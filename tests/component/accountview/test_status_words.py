"""Every status of AutoReport has words."""

from plugins.accountview.sandbox.autoreport import SCENARIOS
from plugins.accountview.status_words import STATUSES


def test_every_status_has_words() -> None:
    names = {one for steps in SCENARIOS.values() for one in steps}
    documented = {
        "Data Received", "Wait For Authentication", "Report fetched",
        "Report validated", "Forwarded", "Sending", "Sent", "Acknowledged",
        "NotAccepted By Government", "Ready for download", "Login Required",
        "Error Report Upload", "Error Forwarding", "Error Log On", "Error in Report",
        "Error Validating Report", "Canceled",
    }  # fmt: skip
    assert names | documented <= STATUSES.keys()
