"""`python -m v2v_studio` is `v2v`."""

from v2v_studio.cli import main

if __name__ == "__main__":
    main()
