"""The eaccounting plugin against its sandbox, each call held against the contract."""
