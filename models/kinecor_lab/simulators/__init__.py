"""Verification of the simulators against independent computations."""
