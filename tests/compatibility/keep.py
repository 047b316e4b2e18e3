"""Keeps the files of a finished study as those of a version, which later versions must read.

    autoresearch run --track random_teacher --scale small --budget 14 --no-ladder --no-commit \
        --study kept --name winner
    python tests/compatibility/keep.py FOLDER VERSION

FOLDER is the folder in which that ran; the winner has to be accepted there.
"""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def keep(workspace: Path, version: str) -> None:
    """Write the study's ledger as SQL, its records, its report and its winner."""
    target, place = HERE / version, str(workspace.resolve())
    study = workspace / "runs" / "kept"
    command = [sys.executable, "-m", "agent", "report", "kept", "--json"]
    shown = subprocess.run(command, cwd=workspace, check=True, capture_output=True, text=True)
    lines = sqlite3.connect(workspace / "runs" / "ledger.db").iterdump()
    texts = {"report.json": shown.stdout, "ledger.sql": "\n".join(lines)}
    for path in (*study.glob("*.json"), *study.glob("trials/*/*.*")):
        texts[f"study/{path.relative_to(study)}"] = path.read_text()
    texts |= {f"winner/{path.name}": path.read_text() for path in study.glob("winner/winner/*")}
    for name, text in texts.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(place, "/home/user/workspace"))
    json.loads((target / "report.json").read_text())


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2])
