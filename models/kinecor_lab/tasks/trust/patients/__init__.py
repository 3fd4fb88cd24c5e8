"""The battery on recordings of patients: which they are, how they are tampered with, and what is counted."""
