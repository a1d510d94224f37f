"""Forms of the declarations' pages, a module per area."""
