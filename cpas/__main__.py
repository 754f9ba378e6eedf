"""`python -m cpas` is the command `cpas`."""

from cpas.cli import main

if __name__ == "__main__":
    main()
