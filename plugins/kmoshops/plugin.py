"""What KMO Shops brings: the registry loads this module."""

from core.plugin.capabilities import Plugin
from core.plugin.registry import manifest_of
from plugins.kmoshops import history, hooks, tasks, views
from plugins.kmoshops.connector import KmoShopsConnector
from plugins.kmoshops.demo import SANDBOX
from plugins.kmoshops.forms import ConnectionForm
from plugins.kmoshops.settings import Settings
from plugins.kmoshops.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    settings=Settings,
    hooks=hooks,
    tasks={"inbox": tasks.inbox, "poll": tasks.poll, "recheck": tasks.recheck},
    connector=KmoShopsConnector(),
    connection_form=ConnectionForm,
    is_order_source=True,
    history=history.read,
    blueprint=views.blueprint,
    texts=TEXTS,
    sandbox=SANDBOX,
)
