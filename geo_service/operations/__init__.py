"""One function per act of the office; only these write."""
