"""`python -m app` is `modelcensus`."""

from app.cli import main

main()
