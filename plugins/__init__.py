"""One folder per outside system; see the README of each."""
