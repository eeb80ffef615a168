"""Road and place names, from proposal to sign."""
