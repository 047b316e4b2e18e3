"""An agent on the command line: passes its standard input to the scripted server at AGENT_URL.

It fails with the message of the server, as real agents do.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException


def main() -> int:
    host, _, port = os.environ["AGENT_URL"].removeprefix("http://").partition(":")
    connection = HTTPConnection(host, int(port))
    connection.request("POST", "/v1/command", sys.stdin.buffer.read())
    try:
        response = connection.getresponse()
        said = response.read()
    except (HTTPException, OSError) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 1
    if response.status != 200:
        print(said.decode(), file=sys.stderr)
        return 1
    sys.stdout.buffer.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
