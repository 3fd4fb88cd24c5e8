"""Contours of apical views, frame by frame."""
