"""What an own shop brings: the registry loads this module."""

from core.plugin.capabilities import Plugin
from core.plugin.registry import manifest_of
from plugins.ownshop import hooks, tasks
from plugins.ownshop.connector import OwnShopConnector
from plugins.ownshop.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    hooks=hooks,
    tasks={"inbox": tasks.inbox, "recheck": tasks.inbox, "reread": tasks.reread},
    connector=OwnShopConnector(),
    is_order_source=True,
    takes_api_orders=True,
    texts=TEXTS,
)
