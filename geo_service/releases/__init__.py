"""Requests for controlled data: applied for, reviewed by another officer, fetched once; refuses to hand out anything else."""
