"""What the store promises, measured: each script prints one JSON object with its figures and whether the targets hold."""
