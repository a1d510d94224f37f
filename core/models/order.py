"""Webshop orders as last read from the shop."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.domain.orders import OrderState
from core.models.base import Base, Money, TenantOwned, now_column


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
    payment_method: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[OrderState] = mapped_column(String(20))
    content_hash: Mapped[str] = mapped_column(String(64))
    """Over what would be booked: a changed hash after sending is held."""
    payload: Mapped[dict[str, Any]]
    seen_at: Mapped[datetime] = now_column()
    """When it was last read from the shop."""
