"""KMO Shops keeps no tables of its own: orders are the core's.

Which orders may go stands in the connection's settings (`forms.ConnectionForm`).
"""
