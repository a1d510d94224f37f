"""The local index: VAT rates and revenue accounts as last read."""

from core.plugin.database import transaction
from core.plugin.records import Record, RecordTable
from core.plugin.tables import Connection
from moneybird.connector import open_client
from moneybird.models import MoneybirdRecord

TAX_RATE, ACCOUNT = "tax_rate", "account"
_TABLE = RecordTable(MoneybirdRecord)


def load(connection: Connection) -> None:
    """Replace the index by what the administration has, now."""
    owner = (connection.tenant_id, connection.id)
    with open_client(connection) as client:
        rates, accounts = client.tax_rates(), client.revenue_accounts()
    kept = {
        TAX_RATE: [
            Record(
                each.id,
                each.country,
                each.name,
                {"percentage": str(each.percentage)},
            )
            for each in rates
        ],
        ACCOUNT: [Record(each.id, "", each.name, {}) for each in accounts],
    }
    with transaction():
        for kind, records in kept.items():
            rows = [_TABLE.row(owner, kind, each) for each in records]
            _TABLE.replace(owner[1], kind, rows)


def tax_rates(connection_id: int) -> list[Record]:
    """Return the VAT rates; `key` is the country, empty for the administration's."""
    return _TABLE.find(connection_id, TAX_RATE)


def accounts(connection_id: int) -> list[Record]:
    """Return the revenue accounts."""
    return _TABLE.find(connection_id, ACCOUNT)
