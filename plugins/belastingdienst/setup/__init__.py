"""Who files, by which channel, with which certificate."""
