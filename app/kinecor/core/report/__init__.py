"""The text of a report: which values may be stated, and the sentences that state them."""
