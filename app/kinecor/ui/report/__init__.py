"""Report mode: the text of the report beside its pages."""
