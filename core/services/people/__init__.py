"""Who logs in: users, colleagues, rights, links from mails, signing up, privacy."""
