"""How a shop is connected: the user names it. Nobody is called."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from flask_wtf import FlaskForm

from core.domain.errors import AskUser
from core.domain.packages import Identity
from core.plugin.capabilities import FormConnector
from core.plugin.tenancy import current_scope
from core.rules.sale_checks import CURRENCY
from plugins.ownshop.forms import ShopForm


class OwnShopConnector(FormConnector):
    """Connects a shop that sends its orders itself."""

    @property
    def credential_form(self) -> type[FlaskForm]:
        """The shop's name."""
        return ShopForm

    def check(self, values: Mapping[str, str]) -> Sequence[Identity]:
        """Return the shop of this name of the tenant in scope.

        Another name is another shop, so that a reconnect cannot mix two up. Raises
        AskUser `ownshop_name_missing`.
        """
        name = " ".join(values.get("name", "").split())
        if not name:
            raise AskUser("ownshop_name_missing")
        named = sha256(name.casefold().encode()).hexdigest()[:40]
        facts = {"currency": CURRENCY}
        return [Identity(f"{current_scope()}:{named}", name, facts)]
