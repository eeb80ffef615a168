"""The office's papers (档案): kept by their content, linked to what they prove; never executed, never changed."""
