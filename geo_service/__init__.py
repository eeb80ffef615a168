"""Who may ask, one transaction a request, formats in and out."""
