"""The open door: OGC API – Features and Tiles over what is published, read as a role that can read nothing else."""
