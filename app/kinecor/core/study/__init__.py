"""What is concluded over checks and recordings: change since a prior study, rest and stress, what was signed."""
