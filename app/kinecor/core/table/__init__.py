"""The table of measurements and its formulas."""
