"""Kinds of wrong values, one file for what they are made of: clips, exports, events, contours, stacks."""
