"""Pure: what a company's own structure says of codes and accounts, for proposals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from core.domain.countries import names
from core.domain.money import plain
from core.rules.vatrates import MEMBER_STATES
from plugins.eaccounting.wire import Body

_OSS_VAT = 2
"""OssCodeType of codes that name the VAT itself, not a sale (3.5)."""
_TAXED = "DomesticSalesSubjectToVatAccountNumber"
_EXEMPT = "DomesticSalesVatExemptAccountNumber"
_REVERSED = "DomesticSalesSubjectToReversedConstructionVatAccountNumber"
_WITHIN_EU = "ForeignSalesVatExemptWithinEuAccountNumber"
_OUTSIDE_EU = "ForeignSalesVatExemptOutsideEuAccountNumber"
_SERVICES = ("service", "dienst")


def of_classes(accounts: Iterable[Body], *classes: int) -> list[Body]:
    """Return accounts of these classes: the first digit of a full number.

    The Dutch decimal chart: 1 balance, 2 in transit, 8 revenue; `100` beside `1000` is
    0100, of class 0. Companies with another chart get all their accounts.
    """
    accounts = list(accounts)
    digits = max((len(str(a["Number"])) for a in accounts), default=0)
    wanted = tuple(map(str, classes))
    chosen = [a for a in accounts if str(a["Number"]).zfill(digits).startswith(wanted)]
    return chosen or accounts


def vat_accounts(codes: Iterable[Body]) -> set[str]:
    """Return the accounts that VAT is booked on."""
    return set[str]().union(*map(_related, codes))


@dataclass(frozen=True)
class Structure:
    """What a company's own structure says of codes and accounts, for the proposals.

    Article codings name the revenue account of each rate and kind of sale, and an
    account names its VAT code (contract 3.5, 3.6). Words only break a tie: companies
    write what they like.
    """

    codes: Sequence[Body]
    codings: Sequence[Body]
    accounts: Sequence[Body]
    home: str

    def hints(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the hints of VAT codes by id and of accounts by number."""
        codes: defaultdict[str, list[str]] = defaultdict(list)
        accounts: defaultdict[str, list[str]] = defaultdict(list)
        for hint, account, code in (*self._own(), *self._oss()):
            if account and hint not in accounts[account]:
                accounts[account].append(hint)
            if code and hint not in codes[code]:
                codes[code].append(hint)
        return _joined(codes), _joined(accounts)

    def _own(self) -> Iterator[tuple[str, str, str]]:
        """Yield hint, account and code of sales at home, in the EU and outside it."""
        seen = set[str]()
        for coding in self._home_codings():
            rate = Decimal(coding["VatRatePercent"])
            taxed = _TAXED if rate else _EXEMPT
            within_eu = "intra_services" if _is_of_services(coding) else "icp"
            for hint, name, of_rate in (
                (f"{plain(rate)} {self.home}", taxed, rate),
                ("exempt", _EXEMPT, Decimal(0)),
                ("reverse_charged", _REVERSED, Decimal(0)),
                (within_eu, _WITHIN_EU, Decimal(0)),
                ("international", _OUTSIDE_EU, Decimal(0)),
            ):
                account = str(coding.get(name) or "")
                if account and hint not in seen:
                    seen.add(hint)
                    yield hint, account, self._code(account, of_rate, hint)
        for hint, code in self._by_words():
            if hint not in seen:
                seen.add(hint)
                account = self._account_of(code)
                yield hint, account, str(code["Id"])

    def _home_codings(self) -> list[Body]:
        """Return codings of sales at home: those of OSS book on an account of OSS."""
        usable = [c for c in self.codings if c.get("IsActive", True)]
        return [c for c in usable if not self._is_oss(str(c.get(_TAXED) or ""))]

    def _is_oss(self, account: str) -> bool:
        code = self._own_code(account)
        if code is not None:
            return bool(code.get("OssCodeType"))
        name = next((a["Name"] for a in self.accounts if a["Number"] == account), "")
        return "OSS" in str(name).upper()

    def _own_code(self, account: str) -> Body | None:
        number = {str(a["Number"]): a.get("VatCodeId") for a in self.accounts}
        wanted = number.get(account)
        return next((c for c in self.codes if c["Id"] == wanted), None)

    def _code(self, account: str, rate: Decimal, hint: str) -> str:
        """Return the code of an account, where it has one of this rate; else the only
        one of a rate above zero, or the one whose words say it."""
        own = self._own_code(account)
        if own is not None and Decimal(own["VatRate"]) == rate:
            return str(own["Id"])
        fits = [
            code
            for code in self.sale_codes()
            if not code.get("OssCodeType") and Decimal(code["VatRate"]) == rate
        ]
        fits.sort(key=lambda code: _word_hint(code, self.home) != hint)
        is_only = len(fits) == 1 and bool(rate)
        is_sure = fits and (is_only or _word_hint(fits[0], self.home) == hint)
        return str(fits[0]["Id"]) if is_sure else ""

    def sale_codes(self) -> list[Body]:
        """Return the codes that a line of a sale may have.

        The interface does not tell codes of purchases apart. They are those that no
        revenue account has and whose VAT goes to another account than that of sales
        does (or that only other accounts have), of a rate that sales have a code for.
        """
        usable = [c for c in self.codes if c.get("OssCodeType") != _OSS_VAT]
        revenue = {a.get("VatCodeId") for a in of_classes(self.accounts, 8)}
        others = {a.get("VatCodeId") for a in self.accounts} - revenue
        sold = [c for c in usable if c.get("OssCodeType") or c["Id"] in revenue]
        accounts = set[str]().union(*map(_related, sold))
        rates = {Decimal(c["VatRate"]) for c in sold if not c.get("OssCodeType")}

        def may_be_sold(code: Body) -> bool:
            if code in sold or Decimal(code["VatRate"]) not in rates:
                return True
            return code["Id"] not in others and _related(code) <= accounts

        return [code for code in usable if may_be_sold(code)]

    def _by_words(self) -> Iterator[tuple[str, Body]]:
        for code in self.sale_codes():
            hint = _word_hint(code, self.home)
            if hint and not code.get("OssCodeType"):
                yield hint, code

    def _account_of(self, code: Body) -> str:
        revenue = of_classes(self.accounts, 8)
        return next(
            (str(a["Number"]) for a in revenue if a.get("VatCodeId") == code["Id"]), ""
        )

    def _oss(self) -> Iterator[tuple[str, str, str]]:
        """Yield hint, account and code of each rate of OSS.

        The account is the country's own: the one whose code or name is of the country;
        one for all countries only where a country has none.
        """
        revenue = of_classes(self.accounts, 8)
        own: dict[str, str] = {}
        for account in revenue:
            code = self._own_code(str(account["Number"]))
            if code is None or not code.get("OssCodeType"):
                is_oss = "OSS" in str(account["Name"]).upper()
                country = _country_in(str(account["Name"])) if is_oss else ""
            else:
                country = _country_of(code)
            if country:
                own.setdefault(country, str(account["Number"]))
        general = next(
            (
                str(a["Number"])
                for a in revenue
                if "OSS" in str(a["Name"]).upper() and not _country_in(str(a["Name"]))
            ),
            "",
        )
        for code in self.codes:
            country = _country_of(code) if code.get("OssCodeType") else ""
            if country and code.get("OssCodeType") != _OSS_VAT:
                hint = f"{plain(code['VatRate'])} {country}"
                yield hint, own.get(country, general), str(code["Id"])


def _joined(hints: dict[str, list[str]]) -> dict[str, str]:
    return {key: " ".join(words) for key, words in hints.items()}


def _related(code: Body) -> set[str]:
    accounts = code.get("RelatedAccounts") or {}
    return {str(number) for number in accounts.values() if number}


def _words(text: str) -> set[str]:
    return {word.strip("-–(),").upper() for word in text.replace("-", " ").split()}


def _country_of(code: Body) -> str:
    """Return the member state that a code of OSS names, by its code or its name."""
    text = f"{code['Code']} {code['Description']}"
    states = _words(text) & set(MEMBER_STATES)
    return states.pop() if len(states) == 1 else _country_in(text)


def _country_in(text: str) -> str:
    """Return the member state whose Dutch or English name stands in a text."""
    lower = text.casefold()
    return next((code for name, code in _state_names() if name in lower), "")


@cache
def _state_names() -> list[tuple[str, str]]:
    return [
        (name.casefold(), code)
        for language in ("nl", "en")
        for code, name in names(language)
        if code in MEMBER_STATES
    ]


def _is_of_services(coding: Body) -> bool:
    """Tell whether an article coding is for services: `Type` says so (contract 3.5;
    `Goods` is seen, the other words are not published)."""
    kind = str(coding.get("Type") or "").casefold()
    return any(word in kind for word in _SERVICES)


def _word_hint(code: Body, home: str) -> str:
    """Guess what a code is for by its words; the user sees it before it is saved."""
    words = _words(f"{code['Code']} {code['Description']}")
    if "ICP" in words or "INTRACOMMUNAUTAIRE" in words:
        told = " ".join(words).casefold()
        return "intra_services" if any(w in told for w in _SERVICES) else "icp"
    if "VERLEGD" in words:
        return "reverse_charged"
    if "EXPORT" in words:
        return "international"
    return f"{plain(code['VatRate'])} {home}" if "VERKOOP" in words else ""
