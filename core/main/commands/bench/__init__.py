"""`flask bench`: speed, always against a baseline measured in the same run.

Figures of a shared machine vary by a third; the ratios are what to compare.
"""

from core.main.cli import Commands

NAMES = ("orders", "pages", "relations", "scale", "start", "webhook")
bench = Commands(
    "bench",
    {name: f"core.main.commands.bench.{name}:bench_{name}" for name in NAMES},
    help="Measure speed, as ratios to a baseline.",
)
