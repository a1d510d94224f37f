"""`flask bench`: speed, always against a baseline measured in the same run.

Figures of a shared machine vary by a third; the ratios are what to compare.
"""

from flask.cli import AppGroup

from core.main.commands.bench.orders import bench_orders
from core.main.commands.bench.pages import bench_pages
from core.main.commands.bench.relations import bench_relations
from core.main.commands.bench.webhook import bench_webhook

bench = AppGroup("bench", help="Measure speed, as ratios to a baseline.")
bench.add_command(bench_orders)
bench.add_command(bench_pages)
bench.add_command(bench_relations)
bench.add_command(bench_webhook)
