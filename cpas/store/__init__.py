"""What was received and decided, and the facts of it; knows no workbook and no rule on values."""

STORE = "store"
"""The folder of a mission that the store is in."""
