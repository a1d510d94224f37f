"""What an own shop brings: the registry loads this module."""

from core.plugin.capabilities import Plugin, Shop
from core.plugin.registry import manifest_of
from plugins.ownshop import tasks
from plugins.ownshop.connector import OwnShopConnector
from plugins.ownshop.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    brings=(
        Shop(
            inbox=tasks.inbox,
            poll=tasks.poll,
            recheck=tasks.inbox,
            takes_api_orders=True,
        ),
    ),
    connector=OwnShopConnector(),
    texts=TEXTS,
)
