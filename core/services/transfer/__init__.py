"""Documents on their way to a package, each exactly once (design, section 4)."""
