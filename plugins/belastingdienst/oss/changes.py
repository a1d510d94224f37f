"""Filed quarters stay watched: what changed is told, with the return that it goes in.

A mail goes once per quarter and return that takes the correction along.
"""

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from flask_babel import LazyString

from core.domain.clock import local_date, utcnow
from core.plugin import log, mail
from core.plugin.database import session, transaction
from core.plugin.tables import LogLevel, Tenant
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.models import OssRegister
from plugins.belastingdienst.oss import registers
from plugins.belastingdienst.oss.returns import Books
from plugins.belastingdienst.texts import oss_texts

GOES_ALONG, NO_RETURN = "oss_change_goes_along", "oss_change_no_return"


def known(register_id: int) -> frozenset[Span]:
    """Return the filed quarters that are not right by what was read last."""
    books = _books(register_id)
    found = books.changes() if books else ()
    return frozenset(one.quarter for one in found)


def tell(register_id: int, before: Collection[Span]) -> None:
    """Tell which filed quarters are not right now; commits.

    Those that were not `before` stand in the log as well.
    """
    with transaction():
        books = _books(register_id)
        if books is None:
            return
        lacking: dict[Span, dict[str, Decimal]] = defaultdict(dict)
        for one in books.changes():
            lacking[one.quarter][one.country] = one.vat
        for quarter, by_country in sorted(lacking.items()):
            _tell(books, quarter, by_country, is_new=quarter not in before)


def _books(register_id: int) -> Books | None:
    register = session().get(OssRegister, register_id)
    if register is None:
        return None
    tenant = session().get_one(Tenant, register.tenant_id)
    taxpayer = registers.taxpayer(register.tenant_id, register.tax_number)
    return Books(register, taxpayer, local_date(utcnow(), tenant.timezone))


def _tell(
    books: Books, quarter: Span, by_country: dict[str, Decimal], *, is_new: bool
) -> None:
    register, goes_in = books.register, books.next_open()
    if is_new:
        log.write(
            register.tenant_id,
            "oss_filed_quarter_changed",
            level=LogLevel.WARNING,
            number=register.tax_number,
            period=quarter.code,
        )
    code = GOES_ALONG if goes_in else NO_RETURN
    goes = goes_in.code if goes_in else ""
    mail.to_tenant(
        register.tenant_id,
        "belastingdienst_oss_change",
        dedup_key=f"{code}:{register.id}:{quarter.code}:{goes}",
        code=code,
        period=LazyString(oss_texts.quarter, quarter),
        next=LazyString(oss_texts.quarter, goes_in) if goes_in else "",
        amounts=[
            (LazyString(oss_texts.country, country), vat)
            for country, vat in sorted(by_country.items())
        ],
    )
