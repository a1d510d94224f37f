"""XBRL messages of the Dutch tax office: written, and read back for the checks."""
