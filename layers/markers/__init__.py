"""Boundary markers, their inspections and cases."""
