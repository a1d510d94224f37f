"""Declarations as people see them: to be filed, prepared, approved, paid."""
