"""What `make release` runs in an empty environment: the installed verbs, in an empty folder."""

import subprocess
import sys
import tempfile
from pathlib import Path

import agent

PROGRAM = Path(sys.executable).with_name("autoresearch")
SMALL = ["--track", "mqar", "--scale", "small"]
VERBS = [
    ["--version"],
    ["tracks"],
    ["run", *SMALL, "--budget", "2", "--no-ablation", "--study", "first"],
    ["eval", *SMALL, "--submission", "runs/first/trials/0000/submission.py"],
    ["report", "first", "--html", "page.html"],
    ["skill", "install", "skills"],
]


def main() -> None:
    """Run every verb; the first that fails ends it."""
    installed = Path(agent.__file__).resolve()
    assert installed.is_relative_to(Path(sys.prefix).resolve()), f"{installed} is not installed"
    with tempfile.TemporaryDirectory() as folder:
        for words in VERBS:
            subprocess.run([PROGRAM, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            print("works:", "autoresearch", *words)


if __name__ == "__main__":
    main()
