"""One application's parts: settings, database, vault, wake-ups, logs."""
