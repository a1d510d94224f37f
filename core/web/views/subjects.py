"""The pages of Configuratie, a subject each: shown, read, compared and stored.

While a coupling is being set up they are the steps of that, in `couplings.STEPS`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from flask import request
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from core.domain.orders import Purse
from core.models import Coupling
from core.plugin.capabilities import Proposal
from core.plugin.pages import today
from core.plugin.settings_form import fill_in, settings_form, settings_values
from core.rules.refunds import RefundPolicy
from core.services.invoicing import invoice_couplings
from core.services.linking import configuration, couplings, impact
from core.services.linking.configuration import VatGroup
from core.services.linking.impact import Change
from core.web.forms import FieldError, Posted, parse_rate, read_payments, read_vat
from core.web.views.display import country
from core.web.views.wording import Words, payment_words, setting_words, vat_words

STARTS_ON = "starts_on"
INVOICED = "invoices_businesses"


class Subject:
    """One page of a coupling's configuration, for one request."""

    step: ClassVar[str]
    template: ClassVar[str]
    title: ClassVar[LazyString]
    lead: ClassVar[LazyString]
    log: ClassVar[str]

    def __init__(self, coupling: Coupling, *, is_posted: bool = False) -> None:
        self.coupling = coupling
        self.choices = couplings.choices_of(coupling)
        self.target = couplings.target_of(coupling)
        self.errors: list[FieldError] = []
        self.is_posted = is_posted
        self.read()

    def read(self) -> None:
        """Take what is stored, or what was posted with what is wrong with it."""

    def values(self) -> Mapping[str, Any]:
        """Return what the template shows."""
        return {}

    def changes(self) -> Sequence[Change]:
        """Return what is in use and becomes something else."""
        return ()

    def words(self, _change: Change) -> Words:
        """Return a change as the user reads it."""
        raise NotImplementedError

    def store(self) -> None:
        """Store what was posted, in the caller's transaction."""
        raise NotImplementedError


class Settings(Subject):
    """Fields of the package's form; one of the two also asks the first date."""

    template = "configuration/settings.html"
    log = "configuration_saved"
    asks_start: ClassVar[bool] = False

    def read(self) -> None:
        self.starts_on = self.coupling.starts_on
        self.invoices_businesses = self.coupling.invoices_businesses
        named = getattr(self.target.form, "subjects", {})
        every = settings_form(self.target.form, {}, self.choices)
        names = [i.name for i in every if named.get(i.name, "debtors") == self.step]
        self.form = settings_form(
            self.target.form, self.coupling.settings, self.choices, names
        )
        self.proposals: Mapping[str, Proposal] = {}
        if not self.is_posted:
            self.proposals = fill_in(self.form, self.choices)
            return
        self._read_start()
        if not self.form.validate():
            self.errors += [
                FieldError(f"{item.label.text}: {item.errors[0]}", item.id)
                for item in self.form
                if item.errors
            ]

    def _read_start(self) -> None:
        if not self.asks_start:
            return
        self.invoices_businesses = INVOICED in request.form
        if self.invoices_businesses and not self._books_invoices():
            self.errors.append(
                FieldError(
                    _("Zet eerst het boeken van facturen aan, op de pagina van uw"
                      " pakket: anders komt de verkoop niet in uw boekhouding."),
                    INVOICED,
                )
            )  # fmt: skip
        text = request.form.get(STARTS_ON, "")
        try:
            self.starts_on = date.fromisoformat(text) if text else None
        except ValueError:
            self.errors.append(FieldError(_("Dat is geen datum."), STARTS_ON))

    def _books_invoices(self) -> bool:
        coupling = invoice_couplings.of_connection(self.coupling.target_id)
        return coupling is not None and coupling.enabled

    def values(self) -> Mapping[str, Any]:
        return {
            "form": self.form,
            "proposals": self.proposals,
            "asks_start": self.asks_start,
            "starts_on": self.starts_on,
            "invoices_businesses": self.invoices_businesses,
            "may_invoice": invoice_couplings.offer_of(self.coupling.target) is not None,
        }

    def changes(self) -> Sequence[Change]:
        stored = settings_values(self.form)
        return impact.of_settings(self.coupling, stored, self.starts_on)

    def words(self, change: Change) -> Words:
        return setting_words(change, self.form)

    def store(self) -> None:
        couplings.save_settings(
            self.coupling,
            settings_values(self.form),
            self.starts_on,
            invoices_businesses=self.invoices_businesses,
            user_id=current_user.id,
        )


class OrderSettings(Settings):
    """What orders become."""

    step, asks_start = "orders", True
    title = _l("Wat bestellingen worden")
    lead = _l("Waarin een bestelling in uw boekhouding verandert, en vanaf welke dag.")


class DebtorSettings(Settings):
    """The account for debtors and what new debtors and articles get."""

    step = "debtors"
    title = _l("Debiteuren en eenheden")
    lead = _l("Op welke rekening klanten staan en wat een nieuwe debiteur krijgt.")


class Vat(Subject):
    """The VAT of the seller's own country."""

    step, template, log = "vat", "configuration/vat.html", "vat_saved"
    title = _l("BTW in uw eigen land")
    lead = _l("Kies per tarief van uw winkel de BTW-code en de omzetrekening.")

    def read(self) -> None:
        self.is_suggested = False
        self.posted = Posted()
        if self.is_posted:
            self.posted = read_vat(request.form, self.choices)
            self.errors += self.posted.errors
        groups = configuration.vat_groups(
            self.coupling, self.target, current_user.home_country, today()
        )
        mine = [group for group in groups if self.has(group.key)]
        single = [group for group in mine if group.key in configuration.SINGLE]
        others = [group for group in mine if group.key not in configuration.SINGLE]
        others.sort(key=lambda group: country(group.key))
        self.groups = [*single, *others]

    def has(self, key: str) -> bool:
        """Tell whether a group of the table is of this page."""
        return bool(key == current_user.home_country)

    def opened(self) -> list[VatGroup]:
        """Return the groups whose fields are shown."""
        if self.is_posted:
            return self.posted.groups
        return [self.shown(g) for g in self.groups if g.is_set or self._is_asked(g)]

    def _is_asked(self, group: VatGroup) -> bool:
        return not self.coupling.configured_at or self._asked() == group.key

    def _asked(self) -> str:
        return request.args.get("land", "")

    def shown(self, group: VatGroup) -> VatGroup:
        """Return a group with the rate that is asked for, and what is proposed."""
        rate = parse_rate(request.args.get("tarief", ""))
        if rate is not None and self._asked() == group.key:
            group = configuration.with_rate(group, rate)
        filled = configuration.with_suggestions(group, self.choices)
        self.is_suggested |= filled != group
        return filled

    def values(self) -> Mapping[str, Any]:
        opened = self.opened()
        keys = {group.key for group in opened}
        return {
            "opened": opened,
            "offered": [group for group in self.groups if group.key not in keys],
            "reason": self.choices.proposals.get(self.step),
            "is_suggested": self.is_suggested,
        }

    def _kept(self) -> set[str]:
        posted = {group.key for group in self.posted.groups}
        saved = configuration.saved_groups(self.coupling, self.target)
        return {key for key in saved - posted if not self.has(key)}

    def changes(self) -> Sequence[Change]:
        return impact.of_vat(self.coupling, self.posted.groups, self._kept())

    def words(self, change: Change) -> Words:
        return vat_words(change, self.choices)

    def store(self) -> None:
        configuration.save_vat(
            self.coupling, self.target, self.posted.groups, self._kept()
        )
        couplings.saved(self.coupling, self.log, user_id=current_user.id)


class VatAbroad(Vat):
    """The VAT of other countries, of sales to businesses and outside the EU."""

    step, template = "vat_abroad", "configuration/vat_abroad.html"
    title = _l("BTW in andere landen")
    lead = _l(
        "Alleen de landen waaraan u verkoopt zijn nodig, en zo nodig ICP en"
        " Internationaal."
    )

    def read(self) -> None:
        super().read()
        self.rules = _AbroadRules(self.coupling, is_posted=self.is_posted)
        self.errors += self.rules.errors

    def has(self, key: str) -> bool:
        return bool(key != current_user.home_country)

    def _is_asked(self, group: VatGroup) -> bool:
        if self._asked() == group.key:
            return True
        if self.coupling.configured_at:
            return False
        seen = configuration.countries_seen(self.coupling)
        return group.key in configuration.SINGLE or group.key in seen

    def values(self) -> Mapping[str, Any]:
        return {**super().values(), **self.rules.values()}

    def changes(self) -> Sequence[Change]:
        return [*super().changes(), *self.rules.changes()]

    def words(self, change: Change) -> Words:
        return (
            self.rules.words(change)
            if change.part == "setting"
            else super().words(change)
        )

    def store(self) -> None:
        self.rules.store()
        super().store()


class _AbroadRules(Settings):
    """What of the package's form is about sales to other countries."""

    step = "vat_abroad"


class Payments(Subject):
    """Clearing accounts and fixed debtors, by payment method."""

    step, template = "payments", "configuration/payments.html"
    log = "payments_saved"
    title = _l("Betaalmethoden")
    lead = _l(
        "Kies per betaalmethode een tussenrekening of een vaste debiteur. Met een vaste"
        " debiteur wordt geen nieuwe debiteur aangemaakt; voor ICP-bestellingen kan dat"
        " niet, daar komt altijd een eigen debiteur."
    )

    def read(self) -> None:
        if self.is_posted:
            posted = read_payments(request.form, self.choices)
            self.lines, self.errors = posted.payments, posted.errors
            return
        proposed = None if self.coupling.configured_at else self.choices
        self.lines = configuration.payments(self.coupling, self.target, proposed)

    def values(self) -> Mapping[str, Any]:
        return {
            "payments": self.lines,
            "purses": tuple(Purse),
            "payments_notice": self.target.payments_notice(self.coupling),
        }

    def changes(self) -> Sequence[Change]:
        return impact.of_payments(self.coupling, self.lines)

    def words(self, change: Change) -> Words:
        return payment_words(change, self.choices)

    def store(self) -> None:
        configuration.save_payments(self.coupling, self.target, self.lines)
        couplings.saved(self.coupling, self.log, user_id=current_user.id)


class Refunds(Subject):
    """What becomes of refunds."""

    step, template = "refunds", "configuration/refunds.html"
    title = _l("Terugbetalingen")
    lead = _l(
        "Wat er gebeurt als u een geboekte bestelling (deels) terugbetaalt. Een"
        " creditering draagt de datum van de terugbetaling en de BTW-code van de"
        " verkoop, en noemt wat ze crediteert."
    )

    def read(self) -> None:
        given = request.form.get("refunds", "") if self.is_posted else ""
        if self.is_posted and given not in list(RefundPolicy):
            self.errors.append(FieldError(_("Kies een van de drie."), "refunds"))
        self.policy = given or self.coupling.refunds

    def values(self) -> Mapping[str, Any]:
        return {"policy": self.policy}

    def store(self) -> None:
        couplings.save_refunds(
            self.coupling, RefundPolicy(self.policy), user_id=current_user.id
        )


SUBJECTS: Mapping[str, type[Subject]] = {
    "bestellingen": OrderSettings,
    "debiteuren": DebtorSettings,
    "btw": Vat,
    "btw-andere-landen": VatAbroad,
    "betaalmethoden": Payments,
    "terugbetalingen": Refunds,
}
"""By their part of the address, in the order of the steps."""
ADDRESS_OF = {subject.step: part for part, subject in SUBJECTS.items()}
