"""The model that names the view."""
