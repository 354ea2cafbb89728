"""The ``analytics`` command as ``python -m analytics.cli``."""

from analytics.cli import main

# Whoever imports every module of the package (the report server does) does not run it.
if __name__ == "__main__":
    main()
