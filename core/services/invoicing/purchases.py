"""Invoices of suppliers that are entered in a package, each once, by a person's word.

A transfer of subject `purchase`. The document is another plugin's: it is asked for
when the transfer goes, and told when it stands in the package.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.packages import Booked
from core.domain.purchases import PurchaseBooking, PurchaseInvoice, VatUse
from core.domain.relations import RelationData
from core.models import (
    Connection,
    Coupling,
    Relation,
    RelationLink,
    RelationSync,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import PurchaseSource
from core.plugin.purchases import PurchaseEntry, PurchasePackage
from core.rules.sync.settings import CREDITOR, DEBTOR
from core.runtime import jobs as wakes
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import purchase_couplings
from core.services.syncing import relation_doubted
from core.services.transfer import making
from core.services.transfer.journal import Job

SUBJECT = "purchase"
_UNSENT = (TransferState.WAITING, TransferState.FAILED)


def has_source() -> bool:
    """Tell whether a plugin that keeps suppliers' invoices is there."""
    return bool(koppelwerk().registry.brought(PurchaseSource))


def source() -> PurchaseSource:
    """Return who keeps suppliers' invoices; StopIteration where nobody does."""
    return next(iter(koppelwerk().registry.brought(PurchaseSource).values()))


# --- for the plugin that keeps them (`core.plugin.purchases`) -------------------------


def packages() -> Sequence[PurchasePackage]:
    """Return the packages of the tenant in scope that purchases are switched on for."""
    return [
        PurchasePackage(
            connection_id=coupling.target_id,
            plugin=coupling.target.plugin,
            problems=purchase_couplings.problems_of(coupling),
            cost_accounts=purchase_couplings.choices_of(coupling).cost_accounts,
            notice=str(purchase_couplings.target_of(coupling).notice),
        )
        for coupling in purchase_couplings.enabled()
        if purchase_couplings.offer_of(coupling.target)  # else it did not load
    ]


def entry_of(document_id: int) -> PurchaseEntry | None:
    """Return where a document stands; None: nobody asked."""
    transfer = session().scalar(
        select(Transfer)
        .where(Transfer.subject == SUBJECT, Transfer.subject_id == document_id)
        .order_by(Transfer.id.desc())
    )
    if transfer is None:
        return None
    plugin = session().get_one(Connection, transfer.target_id).plugin
    known = koppelwerk().registry.plugins.get(plugin)
    documents = known.documents if known else {}
    return PurchaseEntry(
        transfer_id=transfer.id,
        plugin=plugin,
        state=transfer.state,
        code=transfer.code,
        params=transfer.params,
        document=str(documents.get(transfer.document, "")),
        number=transfer.external_number,
    )


def entered_among(document_ids: Collection[int]) -> Collection[int]:
    """Return which documents were asked to be entered, or are."""
    return set(
        session().scalars(
            select(Transfer.subject_id).where(
                Transfer.subject == SUBJECT, Transfer.subject_id.in_(document_ids)
            )
        )
    )


def enter(document_id: int, connection_id: int, *, user_id: int) -> None:
    """Let a document be entered, once, in the caller's transaction.

    Raises AskUser `purchase_entered` when it was asked before, whatever the package,
    and `purchase_not_set_up` where the package is not ready.
    """
    coupling = purchase_couplings.of_connection(connection_id)
    if coupling is None or not coupling.enabled:
        raise AskUser("purchase_not_set_up")
    # Two presses for two packages are two rows: one waits here for the other.
    session().get_one(Tenant, coupling.tenant_id, with_for_update=True)
    if entered_among([document_id]):
        raise AskUser("purchase_entered")
    if purchase_couplings.problems_of(coupling):
        raise AskUser("purchase_not_set_up")
    invoice = source().load([document_id])[document_id]
    code, params = lacking(coupling, invoice)
    making.make(
        coupling,
        SUBJECT,
        document_id,
        number=invoice.number[:100],
        amount=invoice.amount_incl_vat,
        state=TransferState.WAITING if code else TransferState.QUEUED,
        code=code,
        params=params,
    )
    log.write(
        coupling.tenant_id,
        "purchase_asked",
        connection_id=connection_id,
        user_id=user_id,
        number=invoice.number,
    )
    wakes.wake_after_commit("drain", queue="default")


# --- on its way -----------------------------------------------------------------------


def lacking(coupling: Coupling, invoice: PurchaseInvoice) -> tuple[str, dict[str, str]]:
    """Return the code (with its values) of what an invoice waits for, if anything."""
    problems = purchase_couplings.problems_of(coupling)
    if problems:
        return problems[0], {}
    rules = purchase_couplings.rules_of([coupling.id])[coupling.id]
    try:
        for share in invoice.shares:
            PurchaseBooking(invoice, _NOBODY, rules=rules).rule(share)
    except AskUser as error:
        return error.code, {name: str(each) for name, each in error.params.items()}
    return "", {}


_NOBODY = RelationData(is_person=False, name="")


def reconsider(transfer: Transfer, *, queue: str = "default") -> None:
    """Queue a transfer that did not go, or say what it (still) waits for."""
    coupling = session().get_one(Coupling, transfer.coupling_id)
    invoice = _loaded([transfer.subject_id]).get(transfer.subject_id)
    code, params = lacking(coupling, invoice) if invoice else ("", {})
    transfer.state = TransferState.WAITING if code else TransferState.QUEUED
    transfer.code, transfer.params = code, params
    transfer.due_at = transfer.changed_at = utcnow()
    task = "drain_urgent" if queue == "urgent" else "drain"
    wakes.wake_after_commit(task, queue=queue)


def reconsider_waiting(coupling: Coupling) -> None:
    """Look again at what waits for a coupling's configuration."""
    for transfer in _unsent(coupling):
        if transfer.state == TransferState.WAITING:
            reconsider(transfer)


def asked_for(coupling: Coupling) -> set[VatUse]:
    """Return the categories and rates of invoices that did not go."""
    keys = [transfer.subject_id for transfer in _unsent(coupling)]
    return {share.use for invoice in _loaded(keys).values() for share in invoice.shares}


def _unsent(coupling: Coupling) -> Sequence[Transfer]:
    return (
        session()
        .scalars(
            select(Transfer).where(
                Transfer.coupling_id == coupling.id,
                Transfer.subject == SUBJECT,
                Transfer.state.in_(_UNSENT),
            )
        )
        .all()
    )


def _loaded(document_ids: Collection[int]) -> Mapping[int, PurchaseInvoice]:
    return source().load(document_ids) if document_ids and has_source() else {}


def attach(jobs: Sequence[Job]) -> None:
    """Give jobs their `PurchaseBooking`; one without is refused by its sender."""
    for tenant_id in {job.tenant_id for job in jobs}:
        with tenant_scope(tenant_id):
            _attach([job for job in jobs if job.tenant_id == tenant_id])


def _attach(jobs: Sequence[Job]) -> None:
    invoices = _loaded({job.subject_id for job in jobs})
    couplings = {
        row.id: row
        for row in session().scalars(
            select(Coupling).where(Coupling.id.in_({job.coupling_id for job in jobs}))
        )
    }
    rules = purchase_couplings.rules_of(couplings)
    for job in jobs:
        invoice = invoices.get(job.subject_id)
        row = session().get(Relation, invoice.relation_id) if invoice else None
        if invoice is None or row is None:
            job.refusal = AskUser("purchase_gone", number=job.number)
            continue
        relation, linked = relations.on_invoice(row), _linked(job.connection_id, row.id)
        asked = relation_doubted.asked(job.connection_id, [row.id])
        role = CREDITOR if relation.creditor_number else DEBTOR
        for (_, _, key), theirs in asked.items():
            if (role, key) in linked:
                job.withdrawn = _other_party(relation, theirs)
        doubted = {*asked, *relation_doubted.left_out(job.connection_id, [row.id])}
        job.subject_row = PurchaseBooking(
            invoice=invoice,
            relation=relation,
            linked=frozenset(
                key for role, key in linked if (row.id, role, key) not in doubted
            ),
            settings=couplings[job.coupling_id].settings,
            rules=rules[job.coupling_id],
        )


def _linked(connection_id: int, relation_id: int) -> set[tuple[str, str]]:
    """Return role and id of the records that a relation is linked with.

    A link of before another administration was coupled is of another's records.
    """
    rows = session().execute(
        select(RelationLink.role, RelationLink.external_id)
        .join(Connection, Connection.id == RelationLink.connection_id)
        .join(RelationSync, RelationSync.connection_id == Connection.id)
        .where(
            Connection.id == connection_id,
            RelationLink.relation_id == relation_id,
            RelationSync.administration == Connection.external_id,
        )
    )
    return {(role, key) for role, key in rows}


def _other_party(relation: RelationData, theirs: str) -> AskUser:
    """The link was made when the creditor was the relation's; now a person is asked."""
    number = relation.creditor_number or relation.debtor_number
    return AskUser(
        "creditor_other_party",
        number=number,
        name=relation.full_name,
        record=theirs or number,
    )


def done(job: Job, booked: Booked) -> dict[str, str]:
    """Tell who keeps it that it stands in the package."""
    source().entered(job.subject_id)
    return {"url": booked.url} if booked.url else {}


def address_of(transfer: Transfer) -> str:
    """Return the address of a document's page; empty: who keeps it did not load."""
    return source().address(transfer.subject_id) if has_source() else ""
