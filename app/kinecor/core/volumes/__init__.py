"""Volumes: disks, stacks, base and apex, foreshortening."""
