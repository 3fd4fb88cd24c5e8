"""result.json, tables and masks."""
