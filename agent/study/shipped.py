"""Files of the package other than code: the baselines, SKILL.md and docs."""

from pathlib import Path

AGENT = Path(__file__).resolve().parent.parent


def shipped() -> Path:
    """The folder that has `SKILL.md`, `docs/` and `submissions/`.

    In a wheel it is `agent/shipped`, which setup.py fills; in the source it is the top level.
    """
    inside = AGENT / "shipped"
    return inside if inside.is_dir() else AGENT.parent
