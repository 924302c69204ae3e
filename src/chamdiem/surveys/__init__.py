"""Surveys without people: questionnaires, filled forms, how many are asked, what the answers add up to, what may be shown."""
