"""Webshop orders as last read from the shop."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from core.domain.money import ZERO
from core.domain.orders import OrderState, RefundKind
from core.models.base import Base, Money, TenantOwned, by_bytes, now_column
from core.rules.search_words import customer_of

CUSTOMER = 200


class ShopOrder(Base, TenantOwned):
    """One order of one shop connection; `payload` is `domain.order_to_dict`."""

    __tablename__ = "shop_order"
    __table_args__ = (
        UniqueConstraint("connection_id", "source_id"),
        Index("ix_shop_order_tenant_id_ordered_at", "tenant_id", "ordered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    """Without an index of its own: the ones above begin with it, and a planner
    without statistics would take it for lists it has to read whole."""
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    source_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(100), index=True)
    ordered_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    """When the shop says it last changed; an older reading never overwrites."""
    total_incl_vat: Mapped[Decimal] = mapped_column(Money)
    vat_amount: Mapped[Decimal] = mapped_column(Money)
    country: Mapped[str] = mapped_column(String(2), default="")
    customer: Mapped[str] = mapped_column(String(CUSTOMER), default="")
    """Who bought it, for lists; follows from the payload."""
    payment_method: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[OrderState] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(100), default="")
    """Code of why it may not go, where the shop says more than its state."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """Over what would be booked: a changed hash after sending is held."""
    payload: Mapped[dict[str, Any]]
    seen_at: Mapped[datetime] = now_column()
    """When it was last read from the shop."""

    @validates("payload")
    def _name_customer(self, _key: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.customer = customer_of(payload)[:CUSTOMER]
        return payload


class OrderWord(Base, TenantOwned):
    """A word by which an order is found: its number, a name, the e-mail address."""

    __tablename__ = "order_word"
    __table_args__ = (Index("ix_order_word_find", "tenant_id", "word", "order_id"),)

    # The tenant leads in both indexes: every question names it, and without
    # statistics SQLite would else read all orders of a word to find one order's.
    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True
    )
    order_id: Mapped[int] = mapped_column(
        ForeignKey("shop_order.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    word: Mapped[str] = mapped_column(by_bytes(100), primary_key=True)


class Treatment(StrEnum):
    """What was decided on a refund."""

    OPEN = ""
    """Nothing yet."""
    CREDIT = "credit"
    """A credit document, or (without lines) its payment only."""
    BY_HAND = "by_hand"
    """The user books it; what it took back is no longer there for others."""
    COMPENSATION = "compensation"
    """Damages: nothing of the sale is taken back."""


class OrderRefund(Base, TenantOwned):
    """Money that went back to the buyer of an order, as the shop told it.

    Its credit document is a transfer of subject `credit`, made once the sale is booked.
    """

    __tablename__ = "order_refund"
    __table_args__ = (
        UniqueConstraint("order_id", "source_id"),
        Index("ix_order_refund_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(
        ForeignKey("shop_order.id", ondelete="CASCADE")
    )
    source_id: Mapped[str] = mapped_column(String(150))
    """As the shop names it, or as we do where it tells a total only."""
    number: Mapped[str] = mapped_column(String(100))
    """What its credit document is known by: the order's number with -R1, -R2."""
    amount: Mapped[Decimal] = mapped_column(Money)
    """Euros incl VAT, positive; negative is money that came in again."""
    refunded_at: Mapped[datetime]
    kind: Mapped[RefundKind] = mapped_column(String(30))
    is_doubtful: Mapped[bool] = mapped_column(default=False)
    """It may be part of what was told before as a total: never booked by itself."""
    refund: Mapped[dict[str, Any]]
    """The `Refund` as last read."""
    treatment: Mapped[Treatment] = mapped_column(String(20), default=Treatment.OPEN)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The credit document (`domain.order_to_dict`); empty before it is decided."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """Of the credit document, which never changes once decided."""
    created_at: Mapped[datetime] = now_column()

    @property
    def total_incl_vat(self) -> Decimal:
        """What its credit document takes back (negative), in euros."""
        return Decimal(self.payload["total_incl_vat"]) if self.payload else ZERO
