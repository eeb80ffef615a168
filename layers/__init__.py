"""The four domain layers: what is true, what is allowed, where it is kept."""
