"""``python -m commonshed`` is ``commonshed``."""

from commonshed.cli import main

if __name__ == "__main__":
    main()
