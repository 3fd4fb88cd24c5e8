"""Report mode: the text of the report next to its pages."""
