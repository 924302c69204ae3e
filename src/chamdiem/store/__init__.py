"""The memory: one door for writing, a chain of events that cannot be edited, files by their content, backups."""
