"""Simulated recordings as DICOM."""
