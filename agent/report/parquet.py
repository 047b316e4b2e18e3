"""The table of trials as Parquet, where the extra `parquet` is installed."""

from agent.report.trial_table import COLUMNS, TrialTable
from agent.study.errors import UserError


def parquet(table: TrialTable) -> bytes:
    """A file with typed columns, each with its meaning. Raises UserError without pyarrow."""
    try:
        import pyarrow as pa  # type: ignore[import-untyped, import-not-found, unused-ignore]
        from pyarrow.parquet import (  # type: ignore[import-untyped, import-not-found, unused-ignore]
            write_table,
        )
    except ImportError as error:
        raise UserError(
            "--parquet needs the package pyarrow: pip install 'autoresearch[parquet]'; --csv needs "
            "nothing"
        ) from error
    types = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "text": pa.string(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema(
        [pa.field(it.name, types[it.kind], metadata={"meaning": it.meaning}) for it in COLUMNS]
    )
    rows = [dict(zip(schema.names, row, strict=True)) for row in table.rows]
    file = pa.BufferOutputStream()
    write_table(pa.Table.from_pylist(rows, schema), file)
    content: bytes = file.getvalue().to_pybytes()
    return content
