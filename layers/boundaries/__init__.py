"""Administrative units and the lines between them."""
