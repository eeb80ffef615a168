"""Request and response shapes; refuses to hold any rule."""
