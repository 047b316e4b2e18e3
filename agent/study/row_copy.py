"""The rows of a study in Optuna's tables, copied to another database under new ids."""

from collections.abc import Mapping

from sqlalchemy import Connection, MetaData, Select, Table, insert, select

STUDIES, TRIALS = "studies", "trials"
ROWS = 2000
"""Read and written at once."""


class RowCopy:
    """The tables on both sides as they are there, within a transaction of the caller."""

    def __init__(self, reading: Connection, writing: Connection) -> None:
        self._reading, self._writing = reading, writing
        self._from, self._to = MetaData(), MetaData()
        self._from.reflect(reading)
        self._to.reflect(writing)

    def copy(self, study: str) -> int:
        """Copy all rows of a study that the target does not have; returns its number of trials."""
        old = self._id(self._from, self._reading, study)
        self._writing.execute(insert(self._to.tables[STUDIES]).values(study_name=study))
        new = self._id(self._to, self._writing, study)
        studies = self._from.tables[STUDIES]
        for table in self._below(STUDIES):
            chosen = select(studies.c.study_id).where(studies.c.study_id == old)
            self._rows(table, "study_id", chosen, {old: new})
        before = self._trials(self._from, old)
        ids = [
            connection.scalars(chosen.order_by("trial_id")).all()
            for connection, chosen in (
                (self._reading, before),
                (self._writing, self._trials(self._to, new)),
            )
        ]
        for table in self._below(TRIALS):
            self._rows(table, "trial_id", before, dict(zip(*ids, strict=True)))
        return len(ids[0])

    def _below(self, parent: str) -> list[Table]:
        """The tables whose rows belong to rows of `parent`."""
        tables = self._from.sorted_tables
        keys = {table.name: table.foreign_keys for table in tables}
        return [t for t in tables if any(k.column.table.name == parent for k in keys[t.name])]

    def _rows(
        self, table: Table, column: str, chosen: Select[tuple[int]], ids: Mapping[int, int]
    ) -> None:
        """Copy the rows whose `column` is among the chosen ones, in order, with its new ids."""
        (own,) = table.primary_key.columns
        kept = [each for each in table.columns if each is not own]
        wanted = select(*kept).where(table.columns[column].in_(chosen)).order_by(own)
        found = self._reading.execution_options(yield_per=ROWS).execute(wanted)
        for part in found.mappings().partitions():
            rows = [{**row, column: ids[row[column]]} for row in part]
            self._writing.execute(insert(self._to.tables[table.name]), rows)

    @staticmethod
    def _id(tables: MetaData, connection: Connection, study: str) -> int:
        studies = tables.tables[STUDIES]
        chosen = select(studies.c.study_id).where(studies.c.study_name == study)
        return int(connection.scalars(chosen).one())

    @staticmethod
    def _trials(tables: MetaData, study: int) -> Select[tuple[int]]:
        trials = tables.tables[TRIALS]
        return select(trials.c.trial_id).where(trials.c.study_id == study)
