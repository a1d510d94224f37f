"""What SQLite's planner knows of the tables; PostgreSQL gathers that by itself.

Every table of tenants has an index on the tenant, and every query names him. Knowing
nothing, SQLite takes an index on one column to leave ten rows: it then reads all rows
of a tenant where another index has the one that is wanted, and a run over a hundred
thousand relations never ends. (https://www.sqlite.org/optoverview.html, section 8)
"""

from sqlalchemy import Connection, text

LOOKED_AT = 1000
"""Rows of an index that are looked at: enough to choose by."""
_MANY = 1_000_000
_FEW = (10, 9, 8, 7, 6)
"""What SQLite takes the second and later columns to leave."""
_UNKNOWN = text("""
    SELECT m.tbl_name, m.name, l."unique"
    FROM sqlite_master m
    JOIN pragma_index_list(m.tbl_name) l ON l.name = m.name
    JOIN pragma_index_info(m.name) i ON i.seqno = 0 AND i.name = 'tenant_id'
    WHERE m.type = 'index' AND m.tbl_name NOT IN (SELECT tbl FROM sqlite_stat1)
""")
_COLUMNS = text("SELECT count(*) FROM pragma_index_info(:name)")
_SAY = text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)")


def learn(connection: Connection) -> None:
    """Look at the tables anew, in the caller's transaction.

    Connections made later know it. A table without rows is said to be one tenant's
    with very many.
    """
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_AT}")
    connection.exec_driver_sql("ANALYZE")
    said = [
        {"tbl": table, "idx": index, "stat": _stat(connection, index, bool(unique))}
        for table, index, unique in connection.execute(_UNKNOWN).all()
    ]
    if said:
        connection.execute(_SAY, said)


def _stat(connection: Connection, index: str, is_unique: bool) -> str:
    """Return how many rows each further column of an index leaves."""
    count = connection.execute(_COLUMNS, {"name": index}).scalar_one()
    left = [_MANY, *_FEW[: count - 1]]
    if is_unique:
        left[-1] = 1
    return " ".join(str(number) for number in (_MANY, *left))
