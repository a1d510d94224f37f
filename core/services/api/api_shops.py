"""The shops whose orders are sent to our own API: connections of such plugins."""

from sqlalchemy import select

from core.domain.errors import AskUser
from core.models import Connection, ConnectionState
from core.plugin.capabilities import Shop
from core.runtime.database import session
from core.runtime.extensions import koppelwerk


def plugins() -> list[str]:
    """Return the plugins whose orders are sent to the API, by name."""
    shops = koppelwerk().registry.brought(Shop)
    return sorted(name for name, shop in shops.items() if shop.takes_api_orders)


def listed() -> list[Connection]:
    """Return the connected shops in scope, oldest first."""
    rows = session().scalars(
        select(Connection)
        .where(
            Connection.plugin.in_(plugins()),
            Connection.state == ConnectionState.CONNECTED,
            Connection.enabled.is_(True),
        )
        .order_by(Connection.id)
    )
    return list(rows)


def chosen(shop_id: int | None) -> Connection:
    """Return the shop that an order is of; it need not be named when there is one.

    Raises AskUser `api_shop_none`, `api_shop_which` or `api_shop_unknown`.
    """
    shops = listed()
    if shop_id is None:
        if not shops:
            raise AskUser("api_shop_none")
        if len(shops) > 1:
            raise AskUser("api_shop_which")
        return shops[0]
    found = next((shop for shop in shops if shop.id == shop_id), None)
    if found is None:
        raise AskUser("api_shop_unknown")
    return found
