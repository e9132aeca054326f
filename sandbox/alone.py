"""The life of a driver that is a process of its own.

    python -P -m sandbox.alone SCRATCH_BYTES

It connects before it imports anything large, and prints to the pipe that it was given.
"""

import sys

from sandbox import limits, links


def main() -> None:
    """The command line."""
    connection = links.taken()
    limits.limit_files(int(sys.argv[1]))
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]  # it is the interpreter's own
    from sandbox import driver  # noqa: PLC0415 - it takes seconds, as it imports torch

    driver.serve(connection)


if __name__ == "__main__":
    main()
