"""Figures of a period: read, filled in, corrected, and what stands behind them."""
