"""The worklist of the start page: studies of this computer and of archives, by how far they have been read."""
