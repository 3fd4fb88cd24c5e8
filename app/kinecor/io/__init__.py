"""Files in, documents out: the only user of pydicom, SimpleITK, imagecodecs, OpenCV video and reportlab."""
