"""The VAT accounts of AccountView: what they are for, and what moves on them. Pure.

Every taxed booking also stands on the VAT account of its code, on the same journal
page; that row is matched with the box by page, code and account. A VAT code with 5b, or
that transfers VAT, has the input account in VAT_ACCT and the owed one in ACCT_MEMO
(contract section 2, VA1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.domain.declarations import Rubric, VatMovement
from plugins.accountview.wire import Transaction, VatCode

OWED, INPUT = "owed", "input"


def account_of(code: VatCode, rubric: Rubric | None) -> str:
    """Return the account that holds a code's VAT of a rubric; empty when unknown."""
    is_memo = code.is_reverse and rubric is not Rubric.R5B and code.memo_account
    if is_memo:
        return code.memo_account
    return min(code.accounts - {code.memo_account}, default=code.memo_account)


def roles(codes: Mapping[str, VatCode]) -> dict[str, str]:
    """Return what each VAT account is for; one of both kinds counts as owed."""
    found: dict[str, str] = {}
    for code in codes.values():
        is_input = code.is_reverse or code.rubric.strip().lower() == "5b"
        for account in code.accounts:
            holds_input = is_input and account != code.memo_account
            role = INPUT if holds_input else OWED
            found[account] = role if found.get(account, role) == role else OWED
    return found


def movement_id(transaction: Transaction, account: str) -> str:
    """Return what the rows of one document on one VAT account have in common."""
    page = f"{transaction.journal}/{transaction.page}"
    return f"{page}/{transaction.vat_code}/{account}"


def movements(
    transactions: Iterable[Transaction], accounts: Iterable[str]
) -> tuple[VatMovement, ...]:
    """Return everything on the VAT accounts, added up per document and code."""
    known = frozenset(accounts)
    found: dict[str, VatMovement] = {}
    for one in transactions:
        if one.account not in known:
            continue
        key = movement_id(one, one.account)
        first = found.get(key)
        found[key] = (
            replace(first, debit=first.debit + one.amount)
            if first
            else VatMovement(
                key, one.account, one.booked_on, one.amount, one.description
            )
        )
    return tuple(found.values())
