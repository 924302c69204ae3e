"""The arithmetic: from marks to points, totals, gates, stars and ranks, with the reason for each."""
