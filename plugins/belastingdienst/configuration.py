"""Digipoort as the settings say, and what our messages say of us.

What belongs to one customer (his certificate) is handed in; the rest is the same for
all.
"""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.domain.errors import AskUser
from core.plugin.settings import SettingsError, core_settings
from plugins.belastingdienst.channels.digipoort.certificates import (
    SigningCertificate,
    fingerprints,
)
from plugins.belastingdienst.channels.digipoort.channel import (
    Digipoort,
    DigipoortAccess,
)
from plugins.belastingdienst.channels.digipoort.wssecurity import Algorithm
from plugins.belastingdienst.law.returns import Software
from plugins.belastingdienst.settings import settings

SOFTWARE = "Koppelwerk"
_NO_VERSION = "0"


def digipoort(
    certificate: SigningCertificate, *, pins: str = "", roots: str = ""
) -> Digipoort:
    """Open Digipoort with a customer's certificate.

    `pins` and `roots` (PEM) stand in for those of the settings, as for a sandbox that
    makes its own. Raises AskUser `digipoort_not_configured`, and SettingsError for a
    setting that is not right.
    """
    values = settings()
    pinned, weakest = trusted(pins)
    access = DigipoortAccess(
        delivery_url=values.digipoort_delivery_url,
        status_url=values.digipoort_status_url,
        pinned=pinned,
        algorithm=_algorithm("DIGIPOORT_HASH", values.digipoort_hash),
        weakest=weakest,
        identity_type=values.digipoort_identity_type,
        roots=roots or _roots(values.digipoort_roots),
        deadline=core_settings().send_seconds,
    )
    return Digipoort(access, certificate)


def trusted(pins: str = "") -> tuple[frozenset[str], Algorithm]:
    """Return whose signature is believed (fingerprints), and with what at least.

    `pins` and SettingsError as `digipoort`.
    """
    values = settings()
    weakest = _algorithm("DIGIPOORT_ANSWER_HASH", values.digipoort_answer_hash)
    return fingerprints(pins or values.digipoort_pins), weakest


def _algorithm(name: str, value: str) -> Algorithm:
    try:
        return Algorithm(value)
    except ValueError as error:
        raise SettingsError("setting_invalid", name=name, value=value) from error


def _roots(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("ascii")
    except (OSError, ValueError) as error:
        raise SettingsError(
            "setting_invalid", name="DIGIPOORT_ROOTS", value=path
        ) from error


def software() -> Software:
    """Return what a message says of us; AskUser `vendor_number_missing`."""
    number = settings().tax_vendor_number
    if not number:
        raise AskUser("vendor_number_missing")
    try:
        release = version(SOFTWARE.lower())
    except PackageNotFoundError:  # run from its folder, not installed
        release = _NO_VERSION
    return Software(SOFTWARE, release, number)
