"""One package per task: its data, training and evaluation."""
