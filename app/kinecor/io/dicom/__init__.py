"""Reading DICOM: headers, pixels, calibration, frame times."""
