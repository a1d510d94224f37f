"""The kit that the plugins' sandboxes are built with.

A sandbox is a small server that behaves as a vendor's contract says. The kit gives
it a store with an append-only ledger, faults that can be injected from outside, a
clock that tests can move, and a control address (`/_control`) outside the vendor's
paths. What the vendor accepts or refuses is the sandbox's own business.
"""

from core.kit.sandbox.app import create_sandbox
from core.kit.sandbox.clock import SandboxClock
from core.kit.sandbox.faults import Faults
from core.kit.sandbox.server import run, serve
from core.kit.sandbox.store import Store

__all__ = ["Faults", "SandboxClock", "Store", "create_sandbox", "run", "serve"]
