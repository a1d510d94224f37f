"""Which sales kept here are an administration's own."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from core.plugin.form_fields import AtLeastOne, Checkboxes, PlainForm
from plugins.belastingdienst.sales.own_sales import Choice
from plugins.belastingdienst.sales.shops import Shop

INVOICES = "invoices"


def sales_field() -> Checkboxes:
    """Return the question; `offer` fills in the choices."""
    return Checkboxes(
        _l("Welke verkopen horen hierin?"),
        [AtLeastOne(_l("Kies ten minste één soort verkopen."))],
        description=_l(
            "Een bestelling waarvan u ook een factuur maakte, telt één keer."
        ),
    )


class OwnSalesForm(PlainForm):
    """The question by itself."""

    sales = sales_field()


def offer(field: Checkboxes, shops: Iterable[Shop]) -> None:
    """Fill in what there is to choose from."""
    field.choices = [
        SelectChoice(INVOICES, _l("De facturen die hier staan")),
        *(SelectChoice(str(shop.id), shop.name) for shop in shops),
    ]


def picked(choice: Choice | None) -> list[str]:
    """Return what is ticked for a choice; nothing before it was made."""
    if choice is None:
        return []
    return [INVOICES] * choice.invoices + [str(shop_id) for shop_id in choice.shops]


def chosen(data: Iterable[str]) -> tuple[bool, list[int]]:
    """Return whether invoices were ticked, and which shops."""
    ticked = list(data)
    return INVOICES in ticked, [int(one) for one in ticked if one != INVOICES]
