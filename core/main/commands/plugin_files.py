"""The rooms of a plugin: what each file and folder is called, and what it is for.

What has one meaning has one name and one place in every plugin. The list stands in
`docs/plugin-files.md` too, which a test keeps the same.
"""

from collections.abc import Iterator
from pathlib import Path

FILES = {
    "__init__.py": "makes it a package; empty",
    "__manifest__.py": "one literal dict, read without importing the plugin",
    "plugin.py": "what it brings: its `Plugin`",
    "hooks.py": "what it does at a hook beyond what follows from what it brings",
    "settings.py": "its own settings",
    "connector.py": "how a connection is made, and `open_client` for one that is",
    "client.py": "the vendor's interface, typed, no database, usable alone",
    "wire.py": "what the vendor's messages look like, checked when they come in",
    "names.py": "the vendor's names where they are many: actions, tags, codes",
    "refusals.py": "what the vendor's error codes mean for a document",
    "mapping.py": "pure: between our words and the vendor's, as its traffic shares it",
    "checks.py": "pure: what must hold before anything goes",
    "rounding.py": "pure: where the cents of a document go",
    "setup.py": "what booking needs to know of a coupling, loaded once a batch",
    "booking.py": "writing one document once, as its traffic shares it",
    "payments.py": "booking what was paid, as orders and invoices share it",
    "readback.py": "what stands in the package: after a write, and by reference",
    "lost.py": "after a restore: documents found by what they carry",
    "ledger.py": "its ledger as a source of a declaration's figures",
    "reference.py": "the local index of the package's records: read, kept, looked up",
    "budget.py": "calls that the vendor meters: counted, forecast, limited",
    "configuration.py": "what the screens offer to choose from, and what is missing",
    "proposals.py": "pure: what a package's structure proposes for a configuration",
    "tasks.py": "RQ tasks of its own",
    "forms.py": "forms; field names are the settings' keys",
    "models.py": "its own tables",
    "views.py": "its own pages, webhooks and parts of ours",
    "texts.py": "the user's words",
    "register.py": "the answer to a question about a VAT number",
    "document.py": "the document of an invoice: made, held against rules, handed out",
    "rule_packs.py": "others' rules for a document: which there are, which hold when",
    "validation.py": "a document held against others' rules, in a process of its own",
    "public.py": "what other plugins may use",
    "demo.py": "how its sandbox serves a demo and the benchmarks",
    "README.md": "sources, rules, and what is not verified",
    "quality.toml": "what it does about each rule of quality",
}
"""Right in the plugin."""
FOLDERS = {
    "orders": "orders, to a package or from a shop, where they need several modules",
    "relations": "relations kept in step, likewise",
    "invoices": "sent sales invoices, likewise",
    "purchases": "invoices of suppliers, likewise",
    "sandbox": "the simulator: its own reading of the vendor's contract, files freely",
    "migrations": "its tables' Alembic branch",
    "templates": "templates, in a folder of the plugin's name",
    "static": "its mark (`mark.svg`, on its tile), style sheets and scripts",
    "translations": "its texts in English",
}
TRAFFIC = {
    "__init__.py": "makes it a package",
    "mapping.py": "pure: between our words and the vendor's",
    "values.py": "pure: the values of a relation that are kept in step",
    "checks.py": "pure: what must hold before it goes",
    "bodies.py": "the bodies of requests, for sending and for the preview alike",
    "foreseeing.py": "an order shown as what it would become; nothing is sent",
    "judgement.py": "what the checks say of an order by what is known here",
    "sender.py": "passes a batch on; `open_orders`, `open_invoices` or"
    " `open_purchases` opens it",
    "package.py": "the package during one run of relations; `open_relations` opens it",
    "debtors.py": "the debtor of an order: found, else made once",
    "numbers.py": "numbers drawn for what is made",
    "articles.py": "the articles of an order: found, else made once",
    "reconcile.py": "what stands in the package of every order, for `flask reconcile`",
    "rehearsal.py": "what booking past orders would say and cost",
    "rounding.py": "pure: where the cents of an order go, where only orders need it",
    "payments.py": "settling what was paid on what was booked",
    "needs.py": "what a relation lacks before an invoice to it is sent",
    "document.py": "the file that goes along with an invoice",
    "settlements.py": "what is still open of booked invoices",
    "settled.py": "pure: when an invoice counts as paid",
    "shop.py": "a connected shop in the hands of a task",
    "lines.py": "pure: the lines of an order, from what a shop says of them",
    "paid.py": "pure: what was paid for an order and what went back",
    "unreadable.py": "orders that a shop gave and that cannot be read",
    "polling.py": "pure: how far a poll is",
    "history.py": "past orders of a period",
}
"""In `orders`, `relations` and `invoices`."""
CLIENT = {
    "__init__.py": "the interface that its vendor's protocols have in common",
    "answers.py": "answers read by what they hold, a record at a time",
    "descriptions.py": "the vendor's description of its protocol, read and kept",
    "http.py": "addresses and answers over the guarded transport",
    "rest.py": "over REST",
    "rest_records.py": "pure: records of REST in the words of the interface",
    "rest_session.py": "the session that REST asks for, opened and renewed",
    "soap.py": "over SOAP",
}
"""In `client`, of a vendor with more than one protocol."""
TRAFFICS = ("orders", "relations", "invoices", "purchases")
_FREE = ("sandbox", "migrations", "templates", "static", "translations")


def strange_files(folder: Path) -> Iterator[str]:
    """Yield the files of a plugin that stand in no list, by their path in it."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        is_made = "__pycache__" in parts or path.suffix == ".pyc"
        if path.is_file() and not is_made and not _is_known(parts):
            yield "/".join(parts)


def _is_known(parts: tuple[str, ...]) -> bool:
    first, name = parts[0], parts[-1]
    if len(parts) == 1:
        return name in FILES
    if first in _FREE:
        return True
    if first in TRAFFICS:
        return len(parts) == 2 and name in TRAFFIC
    return first == "client" and len(parts) == 2 and name in CLIENT
