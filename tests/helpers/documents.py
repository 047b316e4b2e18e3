"""A report in which every text is foreign."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

OURS = {"key", "standing", "style", "shape"}


def filled_with(text: str, part: Any) -> Any:
    """A document, or a part of one, with each of its texts replaced."""
    if isinstance(part, str):
        return text
    if is_dataclass(part) and not isinstance(part, type):
        names = [field.name for field in fields(part) if field.name not in OURS]
        return replace(part, **{name: filled_with(text, getattr(part, name)) for name in names})
    return [filled_with(text, each) for each in part] if isinstance(part, list | tuple) else part
