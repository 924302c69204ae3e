"""Programmes as law: tasks, owners and dates of a plan as its document has them, and the days its reports are due."""
