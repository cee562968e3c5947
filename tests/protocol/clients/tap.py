"""Stands between a client and a stdio server and writes down what the client says.

``python tap.py LOG COMMAND…``: every line from the client goes into the log and on to the server.
"""

import subprocess
import sys
from pathlib import Path


def main():
    """Pass lines on until the client stops."""
    server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
    with Path(sys.argv[1]).open("ab", buffering=0) as log:
        for line in sys.stdin.buffer:
            log.write(line)
            server.stdin.write(line)
            server.stdin.flush()
    server.stdin.close()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
