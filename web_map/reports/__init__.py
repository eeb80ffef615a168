"""Standalone reports: given data and words, return HTML that needs nothing from anywhere (D13)."""
