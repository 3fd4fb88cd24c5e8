"""Published reference ranges: what is normal for a person, and how far a value is from it."""
