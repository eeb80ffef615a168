"""The map, the field app and the standalone reports."""
