"""One made-up year of each of the four programmes, played day by day through the services that real ones go through."""
