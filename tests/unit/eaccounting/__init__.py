"""Tests of the eaccounting plugin that need no other process."""
