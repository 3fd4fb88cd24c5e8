"""Recording + models -> proposed edits; the only importer of kinecor_models."""
