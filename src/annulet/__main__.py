"""``python -m annulet`` is the command line."""

from annulet.cli import main

if __name__ == "__main__":
    main()
