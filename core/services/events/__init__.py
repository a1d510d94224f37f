"""What happened, for whoever wants to tell of it; below all areas that make it happen.

Each is sent in the transaction of the change itself. `core.main.wiring` says who
listens.
"""

from blinker import Signal

relation_changed = Signal("A Relation was saved; `fields`, and `deleted`.")
order_booked = Signal("A Job of an order ended well; `booked` says as what.")
order_failed = Signal("A Job of an order needs somebody's attention; `code` says why.")
