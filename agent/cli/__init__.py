"""The command line; one file a group of verbs."""

import sys

if sys.platform == "win32":
    # before anything is imported that Windows does not have
    print("autoresearch: needs Linux or macOS; on Windows use WSL2", file=sys.stderr)
    sys.exit(2)
