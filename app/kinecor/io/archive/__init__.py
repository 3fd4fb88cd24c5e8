"""DICOM archives over the network: query, retrieve, send, receive, by DIMSE (PS3.4, PS3.7) and DICOMweb (PS3.18)."""
