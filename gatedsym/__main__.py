"""``python -m gatedsym``: the command gatedsym, for a shell that does not find its script."""

from gatedsym.cli import main

if __name__ == "__main__":  # a process that multiprocessing starts imports this file, and runs no command
    main()
