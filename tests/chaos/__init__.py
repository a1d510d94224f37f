"""The fault runs T1 to T24 by name and at any size: `python -m tests.chaos T1`.

They stand among the tests because they use what tests use: the sandboxes, the counted
points to kill at, a server of their own. `docs/faults.md` lists them, and says which
were run.
"""
