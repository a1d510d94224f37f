"""What KMO Shops brings: the registry loads this module."""

from core.plugin.capabilities import Pages, Plugin, Shop
from core.plugin.registry import manifest_of
from plugins.kmoshops import tasks, views
from plugins.kmoshops.connector import KmoShopsConnector
from plugins.kmoshops.demo import SANDBOX
from plugins.kmoshops.forms import ConnectionForm
from plugins.kmoshops.orders import history
from plugins.kmoshops.settings import Settings
from plugins.kmoshops.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    brings=(
        Shop(
            inbox=tasks.inbox,
            poll=tasks.poll,
            recheck=tasks.recheck,
            history=history.read,
            form=ConnectionForm,
        ),
        Pages(blueprint=views.blueprint),
    ),
    connector=KmoShopsConnector(),
    texts=TEXTS,
    sandbox=SANDBOX,
)
