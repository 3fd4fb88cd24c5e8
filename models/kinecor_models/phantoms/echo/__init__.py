"""The ultrasound machine: point scatterers in, B-mode clips out."""
