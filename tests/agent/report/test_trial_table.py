"""The table of trials: the same columns in CSV, Parquet, a data frame and the documentation."""

import csv
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import autoresearch
from agent.report.trial_table import COLUMNS
from agent.study.ledger import Ledger
from agent.study.records import Ending, Origin, Outcome, ProposalRecord
from helpers import ROOT, Call
from helpers.studies import SETTINGS, STRONG
from tracks.evaluation import State
from tracks.isolation.levels import Level

NAMES = [column.name for column in COLUMNS]


@pytest.fixture(autouse=True)
def two_trials(ledger: Ledger) -> None:
    """One of a spec that completed, and code with words for a spreadsheet that did not."""
    study = ledger.create("two", SETTINGS)
    trial, spec = study.new_trial(), STRONG.to_json()
    trial.keep_proposal(
        ProposalRecord(origin=Origin.SAMPLED, label=STRONG.label, digest="ab", spec=spec)
    )
    measured = {"score": 31.0, "final": 0.1 + 0.2, "steps_to_target": 31, "sandbox": Level.FULL}
    trial.end(Outcome(state=State.COMPLETE, scale="small", duration_s=1.5, **measured), 31.0)
    trial = study.new_trial()
    trial.keep_proposal(ProposalRecord(origin=Origin.FILE, label="=1+1", digest="cd", spec=None))
    trial.end(Outcome(state=Ending.REJECTED, reason='a "b",\n\x1b[31mc'))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_a_typed_row_for_each_trial(call: Call) -> None:
    status, out, _ = call("report", "two", "--csv", "-")
    assert status == 0
    first, second = rows_of(out)
    assert list(first) == NAMES
    assert (first["trial"], first["state"], first["reason"]) == ("0", "complete", "")
    assert float(first["final"]) == 0.1 + 0.2
    assert (first["steps_to_target"], first["sandbox"], first["device"]) == ("31", "full", "cpu")
    assert (first["part_momentum"], first["part_direction"]) == ("ema", "adam")
    assert json.loads(first["spec"]) == STRONG.to_json()
    assert datetime.fromisoformat(first["ended"]).tzinfo == UTC
    assert second["label"] == "'=1+1", "no formula"
    assert second["reason"] == 'a "b",\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31mc'
    assert (second["score"], second["part_momentum"], second["spec"]) == ("", "", "")


def test_csv_goes_to_a_file_beside_the_report(call: Call) -> None:
    status, out, _ = call("report", "two", "--csv", "trials.csv", "--json")
    assert status == 0
    assert json.loads(out)["study"] == "two"
    assert len(rows_of(Path("trials.csv").read_text())) == 2
    status, out, error = call("report", "two", "--csv", "-", "--json")
    assert (status, out) == (2, "")
    assert "--csv - prints the trials alone" in error


def test_parquet_has_the_same_columns_with_types(call: Call) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="no pyarrow: the extra `parquet`")
    assert call("report", "two", "--parquet", "trials.parquet", "--json")[0] == 0
    table = parquet.read_table("trials.parquet")
    assert table.column_names == NAMES
    kinds = {"integer": "int64", "number": "double", "text": "string"}
    kinds["time"] = "timestamp[us, tz=UTC]"
    assert [str(it.type) for it in table.schema] == [kinds[it.kind] for it in COLUMNS]
    first, second = table.to_pylist()
    assert (first["steps_to_target"], first["final"]) == (31, 0.1 + 0.2)
    assert first["ended"].tzinfo is not None
    assert (second["label"], second["score"]) == ("=1+1", None)


def test_without_pyarrow_it_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, out, error = call("report", "two", "--parquet", "trials.parquet")
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert "--parquet needs the package pyarrow: pip install 'autoresearch[parquet]'" in error


def test_a_frame_has_the_same_columns() -> None:
    pytest.importorskip("pandas", reason="no pandas: data frames are optional")
    frame = autoresearch.open_study("two").to_frame()
    assert list(frame.columns) == NAMES
    assert frame["steps_to_target"].tolist()[0] == 31
    assert str(frame["ended"].dtype) == "datetime64[us, UTC]"


def test_every_column_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "watching.md").read_text(), re.M)
    of_kinds = [column for column in COLUMNS if column.name.startswith("part_")]
    others = [(it.name, it.kind) for it in COLUMNS if it not in of_kinds]
    assert [row for row in rows if row[0] != "part_KIND"] == others
    assert ("part_KIND", "text") in rows
