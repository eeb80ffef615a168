"""HTTP only: parse, ask, answer."""
