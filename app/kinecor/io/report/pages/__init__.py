"""The blocks of a report of a study, a file each, over what all of them share (`draft.py`)."""
