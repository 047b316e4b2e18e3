"""The files that come with the tool and are no code: the baseline, SKILL.md and its pages."""

from pathlib import Path

AGENT = Path(__file__).resolve().parent.parent


def shipped() -> Path:
    """The folder that has `SKILL.md`, `docs/` and `submissions/`.

    In a wheel it is `agent/shipped`, which setup.py fills; in the source it is the top level.
    """
    inside = AGENT / "shipped"
    return inside if inside.is_dir() else AGENT.parent
