"""Backups that can be restored: one archive of database and documents, checked whole before it is believed."""
