"""The return of the one stop shop as a file, in the order of the portal's screens."""

import csv
import io
from decimal import Decimal

from flask_babel import gettext as _

from plugins.belastingdienst.law.oss import OssReturn, PaperRow, paper_rows
from plugins.belastingdienst.texts import oss_texts


def write(made: OssReturn) -> bytes:
    """Return the rows as UTF-8 for spreadsheets: semicolons, decimal commas."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow([
        _("Onderdeel"), _("Land van verbruik"), _("Verzonden uit"), _("Kwartaal"),
        _("Soort tarief"), _("Tarief"), _("Omzet excl. btw"), _("Btw"),
    ])  # fmt: skip
    for row in paper_rows(made):
        sheet.writerow(_cells(row))
    return out.getvalue().encode("utf-8-sig")


def _cells(row: PaperRow) -> list[str]:
    kind = oss_texts.RATE_KINDS.get(row.rate_kind, "")
    return [
        str(oss_texts.PARTS[row.part]),
        row.country,
        row.dispatched_from,
        row.quarter,
        str(kind),
        _number(row.rate),
        _number(row.amount_excl_vat),
        _number(row.vat),
    ]


def _number(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}".replace(".", ",")
