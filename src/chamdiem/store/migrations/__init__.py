"""The steps from each earlier shape of the store to the next."""
