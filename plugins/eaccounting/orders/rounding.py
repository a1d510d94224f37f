"""Where the cents of an order go, so that shop and package agree. Pure.

A shop rounds VAT per line or per piece, Visma over more at once. How Visma rounds
stands here and nowhere else (`row_amount`, `vat_of`, `vat_of_entry`); for drafts it is
an assumption, named in the README. Amounts are euros; all of one order have one sign.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from core.domain.money import CENT, ZERO, cents, plain, total, vat_in, vat_on
from core.domain.orders import OrderLine
from core.domain.strings import cut
from plugins.eaccounting import wire
from plugins.eaccounting.mapping import RuledLine

TOLERANCE = Decimal("0.05")
"""A sales entry's VAT may be so far from what its rows give (contract 3.11)."""
MOST_ROUNDING = Decimal("0.30")
"""A rounding row is of what carries 0.05 of VAT (`TOLERANCE`) at 21 %: 0.29 incl VAT.

More would be turnover without VAT.
"""
_PRICES = 25
"""How many unit prices are tried for one that gives the line with a discount."""
_SURE = Decimal("0.003")
"""A row this close to its amount is rounded to it, whatever is rounded first."""
_STEP = Decimal("0.0001")


# --- how Visma rounds --------------------------------------------------------------


def row_amount(price: Decimal, quantity: Decimal, discount: Decimal) -> Decimal:
    """Return a row's amount: in cents, half away from zero (contract 3.7)."""
    return cents(price * quantity * (1 - discount))


def vat_of(amount: Decimal, rate: Decimal, *, incl_vat: bool) -> Decimal:
    """Return the VAT of a draft over all rows of one rate, in cents."""
    return vat_in(amount, rate) if incl_vat else vat_on(amount, rate)


def vat_of_entry(lines: Iterable[RuledLine]) -> tuple[Decimal, Decimal]:
    """Return a voucher's VAT worked out per VAT code: rounded for each, and exact."""
    nets: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for item in lines:
        if not item.is_outside_vat:
            key = item.rule.vat_code, item.line.vat_rate
            nets[key] += item.line.amount_excl_vat
    rounded = total(vat_on(net, rate) for (_, rate), net in nets.items())
    return rounded, total(net * rate / 100 for (_, rate), net in nets.items())


# --- sales entries -------------------------------------------------------------------


def entry_difference(lines: Sequence[RuledLine]) -> Decimal:
    """Return how far the VAT is from what Visma works out; positive: too much.

    Of the rounded and the exact reckoning the one that is further off: the vendor does
    not say which it compares with.
    """
    charged = total(item.line.vat_amount for item in lines)
    return max((charged - vat for vat in vat_of_entry(lines)), key=abs)


def plan_entry(lines: Sequence[RuledLine]) -> tuple[RuledLine, ...] | None:
    """Return the lines with cents moved between net and VAT, as few as will do.

    What a line costs incl VAT stays. The largest lines of the VAT code that is furthest
    off give one cent each, and again. None: there is no way.
    """
    planned = list(lines)
    order = sorted(range(len(lines)), key=lambda i: -abs(lines[i].line.vat_amount))
    queue: list[int] = []
    while abs(off := entry_difference(planned)) > TOLERANCE:
        step = -CENT if off > 0 else CENT
        queue = queue or [i for i in order if _can_move(planned[i], step)]
        if not queue:
            return None
        index = _furthest(planned, queue, off)
        queue.remove(index)
        planned[index] = _moved(planned[index], step)
    return tuple(planned)


def _furthest(lines: Sequence[RuledLine], queue: Sequence[int], off: Decimal) -> int:
    """Return the first line in the queue whose VAT code is furthest off, that way."""
    offs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in lines:
        vat = item.line.amount_excl_vat * item.line.vat_rate / 100
        offs[item.rule.vat_code] += item.line.vat_amount - vat
    sign = 1 if off > 0 else -1
    return max(queue, key=lambda index: sign * offs[lines[index].rule.vat_code])


def _can_move(item: RuledLine, step: Decimal) -> bool:
    """Tell whether a cent can go and leave net and VAT on their side of zero."""
    line = item.line
    vat, net = line.vat_amount + step, line.amount_excl_vat - step
    return bool(item.vat_account) and all(
        part * line.amount_incl_vat > 0 for part in (vat, net)
    )


def _moved(item: RuledLine, step: Decimal) -> RuledLine:
    line = replace(item.line, vat_amount=item.line.vat_amount + step)
    return replace(item, line=line)


# --- drafts and orders ---------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A row of a draft or order: one line, or a part of its pieces."""

    item: RuledLine
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = ZERO
    """Fraction of 0 to 1, four decimals (contract 3.7)."""
    text: str = ""

    @property
    def amount(self) -> Decimal:
        """What the row comes to."""
        return row_amount(self.unit_price, self.quantity, self.discount)


@dataclass(frozen=True)
class DocumentPlan:
    """What goes over, and what it comes to there, in euros."""

    rows: tuple[Row, ...]
    rounding: Decimal
    """Of the rounding row without VAT, never negative; zero: none."""
    total: Decimal
    vat: Decimal
    incl_vat: bool


def plan_document(
    lines: Sequence[RuledLine], *, incl_vat: bool, can_round: bool = True
) -> DocumentPlan:
    """Return rows that come to the shop's total and VAT, as near as there is a way.

    `lines` have positive amounts (of a credit: the sides turned). `incl_vat`: how unit
    prices are read. `can_round`: there is an article for a rounding row.
    """
    groups: defaultdict[Decimal, list[int]] = defaultdict(list)
    for index, item in enumerate(lines):
        groups[item.line.vat_rate].append(index)
    left = MOST_ROUNDING if can_round else ZERO
    amounts = [_given(item, incl_vat) for item in lines]
    whole, vat = ZERO, ZERO
    for later, (rate, indexes) in zip(
        reversed(range(len(groups))), groups.items(), strict=True
    ):
        group = _Group(
            rate,
            given=total(amounts[index] for index in indexes),
            meant=total(lines[index].line.amount_incl_vat for index in indexes),
            charged=total(lines[index].line.vat_amount for index in indexes),
            incl_vat=incl_vat,
        )
        less = group.less(left - later * CENT)  # a cent is kept for each that follows
        _take(amounts, indexes, less)
        comes_to = group.total(less)
        left -= max(group.meant - comes_to, ZERO)
        whole, vat = whole + comes_to, vat + group.vat(less)
    rest = total(item.line.amount_incl_vat for item in lines) - whole
    rounding = rest if can_round and ZERO < rest <= MOST_ROUNDING else ZERO
    rows = tuple(
        row
        for item, amount in zip(lines, amounts, strict=True)
        for row in _rows(item, amount)
    )
    return DocumentPlan(rows, rounding, whole + rounding, vat, incl_vat)


def _given(item: RuledLine, incl_vat: bool) -> Decimal:
    line = item.line
    return line.amount_incl_vat if incl_vat else line.amount_excl_vat


@dataclass(frozen=True)
class _Group:
    """The lines of one rate: what they come to, and what they are meant to."""

    rate: Decimal
    given: Decimal
    meant: Decimal
    charged: Decimal
    incl_vat: bool

    def vat(self, less: Decimal) -> Decimal:
        return vat_of(self.given - less, self.rate, incl_vat=self.incl_vat)

    def total(self, less: Decimal) -> Decimal:
        return self.given - less + (ZERO if self.incl_vat else self.vat(less))

    def less(self, most: Decimal) -> Decimal:
        """Return by how much the rows are to come to less, for a rounding row.

        The least that makes VAT the shop's; else the least that keeps the total
        from coming out too high.
        """
        fallback = None
        for number in range(int(most / CENT) + 1):
            less = number * CENT
            rest = self.meant - self.total(less)
            if less > self.given or rest > most:
                break
            if rest >= 0 and self.vat(less) == self.charged:
                return less
            if rest >= 0 and fallback is None:
                fallback = less
        return fallback or ZERO


def _take(amounts: list[Decimal], indexes: Sequence[int], less: Decimal) -> None:
    """Take some cents off the largest amounts."""
    for index in sorted(indexes, key=lambda index: -amounts[index]):
        part = min(less, amounts[index])
        amounts[index] -= part
        less -= part


def _rows(item: RuledLine, amount: Decimal) -> Iterator[Row]:
    """Yield rows with the line's quantity that come to an amount exactly.

    A unit price has two decimals. Where that does not divide, a discount of a few
    hundredths of a percent does it, else a row more for some of the pieces; and where
    the quantity itself does not fit, one piece whose text says how many.
    """
    quantity, name = item.line.quantity, _name(item.line)
    if quantity <= 0 or quantity != cents(quantity):
        text = cut(f"{plain(quantity)} x {name}", wire.TEXT)
        yield Row(item, Decimal(1), amount, text=text)
        return
    exact = amount / quantity
    if exact == cents(exact):
        yield Row(item, quantity, exact, text=name)
        return
    row = _discounted(item, quantity, amount)
    if row is not None:
        yield row
    elif quantity == int(quantity):
        yield from _split(item, int(quantity), amount)
    else:
        text = cut(f"{plain(quantity)} x {name}", wire.TEXT)
        yield Row(item, Decimal(1), amount, text=text)


def _discounted(item: RuledLine, quantity: Decimal, amount: Decimal) -> Row | None:
    low = (amount / quantity).quantize(CENT, rounding=ROUND_FLOOR)
    for number in range(1, _PRICES):
        price = low + number * CENT
        gross = price * quantity
        discount = (1 - amount / gross).quantize(_STEP)
        if ZERO <= discount <= 1 and abs(gross * (1 - discount) - amount) <= _SURE:
            return Row(item, quantity, price, discount, _name(item.line))
    return None


def _split(item: RuledLine, quantity: int, amount: Decimal) -> Iterator[Row]:
    low = (amount / quantity).quantize(CENT, rounding=ROUND_FLOOR)
    dearer = int((amount - low * quantity) / CENT)
    name = _name(item.line)
    yield Row(item, Decimal(quantity - dearer), low, text=name)
    yield Row(item, Decimal(dearer), low + CENT, text=name)


def _name(line: OrderLine) -> str:
    return cut(line.description or line.article_number, wire.TEXT)
