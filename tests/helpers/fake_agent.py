"""An agent on the command line: passes its standard input to the scripted server at AGENT_URL.

It fails with the message of the server; before that it asks again AGENT_RETRIES times, as real
agents do.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException


def main() -> int:
    question = sys.stdin.buffer.read()
    for _ in range(int(os.environ.get("AGENT_RETRIES", "0")) + 1):
        said, answered = ask(question)
        if answered:
            sys.stdout.buffer.write(said)
            return 0
    print(said.decode(), file=sys.stderr)
    return 1


def ask(question: bytes) -> tuple[bytes, bool]:
    """What the server said, and whether that is an answer."""
    host, _, port = os.environ["AGENT_URL"].removeprefix("http://").partition(":")
    connection = HTTPConnection(host, int(port))
    connection.request("POST", "/v1/command", question)
    try:
        response = connection.getresponse()
        return response.read(), response.status == 200
    except (HTTPException, OSError) as error:
        return f"no answer: {error}".encode(), False


if __name__ == "__main__":
    sys.exit(main())
