"""Studies as the tables of Optuna's storage have them, read without Optuna."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, Integer, String, column, select, table

from agent.study.damaged_rows import reading

SETTINGS = "settings"
"""The attribute that a study gets last: one without it was killed while it was being created."""
STUDIES = table("studies", column("study_id", Integer), column("study_name", String))
ATTRIBUTES = table(
    "study_user_attributes",
    *(column("study_id", Integer), column("key", String), column("value_json", String)),
)


def study_names(engine: Engine) -> list[str]:
    """Of all studies that have begun, in order."""
    kept = select(ATTRIBUTES.c.study_id).where(ATTRIBUTES.c.key == SETTINGS)
    begun = select(STUDIES.c.study_name).where(STUDIES.c.study_id.in_(kept))
    with engine.connect() as connection:
        return sorted(connection.scalars(begun))


class StudyRow:
    """A study of this name, which the storage has."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self.name = engine, name

    @cached_property
    def id(self) -> int:
        with self._engine.connect() as connection:
            found = select(STUDIES.c.study_id).where(STUDIES.c.study_name == self.name)
            return int(connection.scalars(found).one())

    def attributes(self) -> Mapping[str, Any]:
        """What is kept with it, by name, as it is stored now."""
        mine = select(ATTRIBUTES.c.key, ATTRIBUTES.c.value_json)
        with self._engine.connect() as connection:
            rows = connection.execute(mine.where(ATTRIBUTES.c.study_id == self.id)).all()
        with reading(f"study {self.name}"):
            return {row.key: json.loads(row.value_json) for row in rows}
