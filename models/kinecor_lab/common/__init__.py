"""What all trainings and evaluations share."""
