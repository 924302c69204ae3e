"""What a result means: the way to the next star."""
