"""The people: units, accounts and what they may do, contests and their phases, judging, evidence, publication."""
