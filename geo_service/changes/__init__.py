"""What changed since a place in the order of commits, and who is told of it; refuses to change anything itself."""
