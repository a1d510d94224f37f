"""DigitaleFactuur: debtors, creditors and invoices."""

from core.plugin import Plugin
from core.registry import manifest_of
from plugins.digitalefactuur import hooks, tasks
from plugins.digitalefactuur.connector import DigitaleFactuurConnector
from plugins.digitalefactuur.demo import SANDBOX
from plugins.digitalefactuur.forms import ConnectionForm
from plugins.digitalefactuur.texts import TEXTS

plugin = Plugin(
    manifest=manifest_of(__file__),
    hooks=hooks,
    tasks={"count_relations": tasks.count_relations},
    connector=DigitaleFactuurConnector(),
    connection_form=ConnectionForm,
    texts=TEXTS,
    sandbox=SANDBOX,
)
