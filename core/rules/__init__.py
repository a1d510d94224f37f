"""Pure rules on the plain data of `core.domain`."""
