"""What a refund does to the books: which lines it takes back, at which rates.

Pure. A credit note carries the VAT rates of the sale, also after a rate changed
(directive 2006/112/EC, art. 90 and 93; Dutch VAT act, art. 29): price reductions lower
the taxable amount, damages do not (they are no consideration for a supply). What the
shop does not say is never guessed silently: see `Judgement.is_certain`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from core.domain.money import CENT, ZERO, cents, total, vat_in
from core.domain.orders import (
    LineKind,
    Order,
    OrderLine,
    Payment,
    Purse,
    Refund,
    RefundKind,
    plain_name,
)


class RefundPolicy(StrEnum):
    """What a coupling does with a refund of a sale that was booked."""

    NOT = "not"
    """Told; the user books it (manual 004: refunds are not passed on)."""
    ASK = "ask"
    """Shown first, booked with one button."""
    BY_ITSELF = "by_itself"
    """Booked at once where `Judgement.is_certain`; else asked."""


class RefundCase(StrEnum):
    """What a refund is, as far as amount, lines and kind tell."""

    IN_FULL = "in_full"
    """All that is left of the sale."""
    LINES = "lines"
    """Whole lines, or what the shop says of lines."""
    QUANTITY = "quantity"
    """Some of the pieces of one line."""
    SHIPPING = "shipping"
    AMOUNT = "amount"
    """An amount that no line accounts for: goodwill, or a part."""
    COMPENSATION = "compensation"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSED = "chargeback_reversed"
    MONEY_IN = "money_in"
    """Money that came in again, such as for a dearer exchange."""
    TOO_MUCH = "too_much"
    """More than is left of the sale: no credit document of ours can be right."""


BOOKABLE = frozenset(
    {
        RefundCase.IN_FULL,
        RefundCase.LINES,
        RefundCase.QUANTITY,
        RefundCase.SHIPPING,
        RefundCase.AMOUNT,
    }
)
"""Cases that lower the turnover: a credit document."""
PAYMENT_ONLY = frozenset({RefundCase.CHARGEBACK, RefundCase.CHARGEBACK_REVERSED})
"""Cases in which the sale stands and its payment does not, or does again."""
MOST_PIECES = 1000
"""Lines of more pieces are not tried piece by piece."""
PART = "Creditering"
"""What a line is called that stands for a part of several."""
_NO_TURNOVER = (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.TIP)


@dataclass(frozen=True)
class Bucket:
    """What is booked alike: one rate, and turnover or one kind that is none."""

    rate: Decimal
    """In percent."""
    kind: LineKind
    name: str = ""
    """Of what is booked by its name: a surcharge without VAT, and what the user says
    is a deposit or a tip."""

    @classmethod
    def of(cls, line: OrderLine, named: Collection[str] = ()) -> "Bucket":
        """Return the bucket of a line; `named` as `NoTurnover.names`."""
        is_fee = line.kind == LineKind.FEE and line.vat_rate == ZERO
        is_other = line.kind in _NO_TURNOVER
        if is_fee or (not is_other and plain_name(line) in named):
            return cls(line.vat_rate, line.kind, line.description)
        return cls(line.vat_rate, line.kind if is_other else LineKind.GOODS)


@dataclass(frozen=True)
class Left:
    """What is left of one bucket of a sale, in euros."""

    incl_vat: Decimal = ZERO
    vat: Decimal = ZERO
    pieces: Decimal = ZERO
    """Of the sale: as often its VAT may have been rounded."""


@dataclass(frozen=True)
class Judgement:
    """What a refund is, and the lines of its credit document."""

    case: RefundCase
    lines: tuple[OrderLine, ...] = ()
    """Negative amounts; empty where nothing of the sale is taken back."""
    is_certain: bool = False
    """Nothing is assumed: the lines are known, or make no difference."""
    is_divided: bool = False
    """The division over VAT rates is our assumption."""
    asks_why: bool = False
    """A price cut or damages: the shop does not say, and VAT differs."""


def what_is_left(
    sale: Order, credited: Iterable[OrderLine] = (), named: Collection[str] = ()
) -> dict[Bucket, Left]:
    """Return what is left of a sale per bucket, after earlier credits (negative)."""
    found: dict[Bucket, Left] = {}
    sold = [(line, max(line.pieces, Decimal(1))) for line in sale.lines]
    for line, pieces in (*sold, *((line, ZERO) for line in credited)):
        bucket = Bucket.of(line, named)
        known = found.get(bucket, Left())
        found[bucket] = Left(
            known.incl_vat + line.amount_incl_vat,
            known.vat + line.vat_amount,
            known.pieces + pieces,
        )
    return {bucket: left for bucket, left in found.items() if left.incl_vat or left.vat}


def divide(amount: Decimal, over: Sequence[Decimal]) -> list[Decimal]:
    """Divide an amount over what is left, to the cent, by the largest remainder.

    The parts add up to the amount and none exceeds what it is a part of. Raises
    ValueError when the amount is more than there is.
    """
    shares = [max(each, ZERO) for each in over]
    whole = total(shares)
    if not ZERO <= amount <= whole:
        raise ValueError(f"{amount} of {whole}")
    if not whole:
        return [ZERO] * len(shares)
    exact = [amount * share / whole for share in shares]
    parts = [share.quantize(CENT, rounding=ROUND_FLOOR) for share in exact]
    missing = int((amount - total(parts)) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in by_remainder[:missing]:
        parts[at] += CENT
    return parts


def judge(
    sale: Order,
    refund: Refund,
    credited: Iterable[OrderLine] = (),
    named: Collection[str] = (),
) -> Judgement:
    """Tell what a refund takes back of a sale.

    `credited` are the (negative) lines of earlier credits of that sale; `named` is what
    has an account of its own by its name (`NoTurnover.names`), so that each part of it
    goes where the sale went.
    """
    if refund.kind == RefundKind.CHARGEBACK:
        return Judgement(RefundCase.CHARGEBACK, is_certain=True)
    if refund.kind == RefundKind.CHARGEBACK_REVERSED:
        return Judgement(RefundCase.CHARGEBACK_REVERSED, is_certain=True)
    if refund.amount <= ZERO:
        return Judgement(RefundCase.MONEY_IN)
    if refund.kind == RefundKind.COMPENSATION:
        return Judgement(RefundCase.COMPENSATION)
    earlier = tuple(credited)
    left = what_is_left(sale, earlier, named)
    available = total(each.incl_vat for each in left.values())
    if refund.amount > available:
        return Judgement(RefundCase.TOO_MUCH)
    if refund.amount == available:
        lines = _all_of(left) if earlier else _negative(sale.lines)
        return Judgement(RefundCase.IN_FULL, lines, is_certain=True)
    return _of_lines(refund, left, named) or _of_amount(sale, refund, left, named)


def _of_lines(
    refund: Refund, left: Mapping[Bucket, Left], named: Collection[str]
) -> Judgement | None:
    """Judge by the lines that the shop names; None where they do not fit."""
    taken = _negative(refund.lines)
    if total(line.amount_incl_vat for line in taken) != -refund.amount:
        return None
    lines = _fitted(taken, left, named)
    if lines is None:
        return None
    kinds = {line.kind for line in lines}
    case = RefundCase.SHIPPING if kinds == {LineKind.SHIPPING} else RefundCase.LINES
    return Judgement(case, lines, is_certain=True)


def _of_amount(
    sale: Order, refund: Refund, left: Mapping[Bucket, Left], named: Collection[str]
) -> Judgement:
    """Judge by the amount alone; with several rates whatever it is, is assumed."""
    is_one_rate = len(left) == 1
    for case, found in _accounting_for(sale, refund.amount):
        lines = _fitted(_negative(found), left, named)
        if lines is not None:
            return Judgement(
                case, lines, is_certain=is_one_rate, is_divided=not is_one_rate
            )
    is_said = refund.kind in (RefundKind.RETURNED, RefundKind.PRICE_CUT)
    return Judgement(
        RefundCase.AMOUNT,
        _divided(refund, left),
        is_certain=is_one_rate and is_said,
        is_divided=not is_one_rate,
        asks_why=not is_said,
    )


def _accounting_for(
    sale: Order, amount: Decimal
) -> Iterator[tuple[RefundCase, tuple[OrderLine, ...]]]:
    """Yield what of the sale comes to exactly this amount: lines, then pieces."""
    shipping = tuple(line for line in sale.lines if line.kind == LineKind.SHIPPING)
    if total(line.amount_incl_vat for line in shipping) == amount:
        yield RefundCase.SHIPPING, shipping
    for line in sale.lines:
        if line.amount_incl_vat == amount:
            yield RefundCase.LINES, (line,)
    for line in sale.lines:
        pieces = line.quantity
        if pieces != pieces.to_integral_value() or pieces > MOST_PIECES:
            continue
        for some in range(1, int(pieces)):
            piece = _pieces_of(line, Decimal(some))
            if piece.amount_incl_vat == amount:
                yield RefundCase.QUANTITY, (piece,)


def _pieces_of(line: OrderLine, some: Decimal) -> OrderLine:
    part = some / line.quantity
    return replace(
        line,
        quantity=some,
        amount_incl_vat=cents(line.amount_incl_vat * part),
        vat_amount=cents(line.vat_amount * part),
    )


def _fitted(
    lines: Sequence[OrderLine], left: Mapping[Bucket, Left], named: Collection[str]
) -> tuple[OrderLine, ...] | None:
    """Return credit lines that take no more than is left of their bucket; else None.

    The cents that rounding per line leaves go along with the last of a bucket.
    """
    made = list(lines)
    buckets = [Bucket.of(line, named) for line in lines]
    for bucket in set(buckets):
        there = left.get(bucket, Left())
        own = [at for at, each in enumerate(buckets) if each == bucket]
        taken = -total(made[at].amount_incl_vat for at in own)
        vat = -total(made[at].vat_amount for at in own)
        if taken > there.incl_vat:
            return None
        wanted = there.vat if taken == there.incl_vat else min(vat, there.vat)
        if abs(wanted - vat) > CENT * (len(own) + 1):
            return None
        largest = min(own, key=lambda at: made[at].amount_incl_vat)
        line = made[largest]
        made[largest] = replace(line, vat_amount=line.vat_amount - (wanted - vat))
    return tuple(made)


def _divided(refund: Refund, left: Mapping[Bucket, Left]) -> tuple[OrderLine, ...]:
    """Return a line per bucket with its part of the amount."""
    buckets = list(left)
    parts = divide(refund.amount, [left[each].incl_vat for each in buckets])
    return tuple(
        _part(bucket, part, _vat_of(part, bucket.rate, left[bucket]), left[bucket])
        for bucket, part in zip(buckets, parts, strict=True)
        if part
    )


def _vat_of(part: Decimal, rate: Decimal, left: Left) -> Decimal:
    """Return the VAT of a part. The smaller of part and rest is at its rate to the
    cent: a package takes cents that were rounded otherwise in a large line only."""
    if part == left.incl_vat:
        return left.vat
    rest = left.incl_vat - part
    is_small = part <= rest
    vat = vat_in(part, rate) if is_small else left.vat - vat_in(rest, rate)
    vat = max(vat, left.vat - rest)  # the VAT that stays is not more than it
    return min(max(vat, ZERO), part, left.vat)


def _all_of(left: Mapping[Bucket, Left]) -> tuple[OrderLine, ...]:
    return tuple(
        _part(bucket, each.incl_vat, each.vat, each) for bucket, each in left.items()
    )


def _part(bucket: Bucket, incl_vat: Decimal, vat: Decimal, left: Left) -> OrderLine:
    return OrderLine(
        bucket.kind,
        bucket.name or PART,
        Decimal(1),
        -incl_vat,
        -vat,
        bucket.rate,
        roundings=left.pieces,
    )


def _negative(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return tuple(_negated(line) for line in lines if line.amount_incl_vat)


def _negated(line: OrderLine) -> OrderLine:
    return replace(
        line, amount_incl_vat=-line.amount_incl_vat, vat_amount=-line.vat_amount
    )


def credit_order(
    sale: Order,
    refund: Refund,
    number: str,
    lines: Sequence[OrderLine],
    before: Iterable[Payment] = (),
) -> Order:
    """Return the credit document of a refund; without lines: of its payment only.

    Dated on the refund, taxed as the sale. `before`: the (negative) payments of earlier
    credits of that sale.
    """
    return replace(
        sale,
        source_id=f"{sale.source_id}:{refund.source_id}",
        number=number,
        ordered_at=refund.refunded_at,
        updated_at=refund.refunded_at,
        total_incl_vat=total(line.amount_incl_vat for line in lines),
        vat_amount=total(line.vat_amount for line in lines),
        lines=tuple(lines),
        refunded_amount=ZERO,
        payments=_paid_back(sale, refund, before),
        refunds=(),
        credits=sale.number,
        sold_at=sale.taxed_at,
        sold_vat=sale.taxed_vat,
    )


def _paid_back(
    sale: Order, refund: Refund, before: Iterable[Payment]
) -> tuple[Payment, ...]:
    """Return the payments of a refund: none where the sale's are not known.

    Where the shop does not say how, money goes back as it came: what was paid by card
    or bank before what came from a purse, and of each no more than is left of it.
    """
    if not sale.payments:
        return ()
    at = refund.refunded_at
    if refund.kind == RefundKind.CHARGEBACK_REVERSED:
        method = refund.method or _order_of_return(sale)[0].method
        return (Payment(method, abs(refund.amount), at),)
    rest = abs(refund.amount)
    if refund.method:
        return (Payment(refund.method, -rest, at),)
    found: list[Payment] = []
    for method, left in _left_to_return(sale, before):
        part = min(rest, left)
        if part > ZERO:
            found.append(Payment(method, -part, at))
            rest -= part
    if rest:
        method = sale.payment_method or sale.payments[0].method
        found.append(Payment(method, -rest, at))
    return tuple(found)


def _left_to_return(
    sale: Order, before: Iterable[Payment]
) -> Iterator[tuple[str, Decimal]]:
    """Yield what is left of each payment, by its method, after what went back."""
    gone: defaultdict[str, Decimal] = defaultdict(Decimal)
    for payment in before:
        gone[payment.method] -= payment.amount
    for payment in _order_of_return(sale):
        taken = min(max(gone[payment.method], ZERO), payment.amount)
        gone[payment.method] -= taken
        yield payment.method, payment.amount - taken


def _order_of_return(sale: Order) -> list[Payment]:
    return sorted(sale.payments, key=lambda each: each.method in set(Purse))
