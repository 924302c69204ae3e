"""`python -m chamdiem.cli`, for where the script is not on the path."""

from chamdiem.cli import main

main()
