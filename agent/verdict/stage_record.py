"""Typed records, kept as JSON and validated when they are read back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from agent.study.errors import UnreadableFileError
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.study import Study
from agent.study.workspace import read_json, write_json

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = "schema_version"


@dataclass(frozen=True)
class Record:
    """A frozen dataclass that is written as JSON; subclasses are dataclasses too."""

    @classmethod
    def from_json(cls, record: Any) -> Self:
        """Raises pydantic.ValidationError, which is a ValueError."""
        kind: type = cls
        made: Self = _adapter(kind).validate_python(record)
        return made

    def to_json(self) -> dict[str, Any]:
        """As `json.loads` would give it: records are dicts, tuples lists."""
        plain: dict[str, Any] = _plain(self)
        return plain


@dataclass(frozen=True)
class StageRecord(Record):
    """What a stage of a study found, kept as `<file>.json` in the study's folder."""

    file: ClassVar[str]
    cure: ClassVar[str] = "remove it, and `autoresearch run --resume {study}` makes it again"
    """Of a file that cannot be read."""

    @classmethod
    def path(cls, study: Study) -> Path:
        return study.folder / f"{cls.file}.json"

    @classmethod
    def of(cls, study: Study) -> Self | None:
        """The record of this study; None without one. Raises UnreadableFileError."""
        path, cure = cls.path(study), cls.cure.format(study=study.name)
        kept = read_json(path, cure)
        if kept is None:
            return None
        if not isinstance(kept, dict):
            raise UnreadableFileError(f"{path} is damaged: no record; {cure}")
        if kept.get(VERSION) != SCHEMA_VERSION:
            raise UnreadableFileError(
                f"{path} has {VERSION} {kept.get(VERSION)}, and this program reads "
                f"{SCHEMA_VERSION}: use the program that wrote it, or {cure}"
            )
        try:
            return cls.from_json(kept)
        except ValueError as error:
            raise UnreadableFileError(f"{path} is damaged: {first_error(error)}; {cure}") from error

    def keep(self, study: Study) -> None:
        write_json(self.path(study), {VERSION: SCHEMA_VERSION, **self.to_json()})


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


@lru_cache
def _adapter(kind: type) -> "TypeAdapter[Any]":
    # only reading needs pydantic, which takes a tenth of a second to import
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def first_error(error: Exception) -> str:
    """The first complaint of a validation, on one line."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
