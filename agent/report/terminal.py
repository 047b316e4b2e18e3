"""Tables on the terminal, from the same data as the Markdown report."""

from typing import Any

from rich.console import Console
from rich.text import Text

from agent.proposers.llm.spending import spending_line
from agent.report import ablation as ablation_text
from agent.report import markdown, tables
from agent.report import sources as who
from agent.report import verdict as verdict_text
from agent.report.terminal_table import print_table
from tracks.printable import printable


def print_report(console: Console, data: dict[str, Any]) -> None:
    verdict = data["verdict"]
    style = "yellow" if not verdict else "green" if verdict["accepted"] else "red"
    console.print(Text(_plain(f"Study {data['study']}"), style="bold"))
    console.print(Text(_plain(markdown.headline(data)), style=style))
    console.print(Text(_plain(markdown.search_summary(data))))
    if data["best"]:
        rows = [markdown.trial_cells(row) for row in data["best"]]
        print_table(console, "Best trials (official instance)", markdown.TRIAL_HEADER, rows)
    if len(data["sources"]) > 1 or data["spending"]:
        rows = [who.source_cells(row) for row in data["sources"]]
        print_table(console, "Who found what", who.SOURCE_HEADER, rows)
    if data["spending"]:
        console.print(Text(_plain(spending_line(data["spending"]))))
    if data["stacked"]:
        rows = [who.stacked_cells(row) for row in data["stacked"]]
        print_table(console, "What stacked", who.STACKED_HEADER, rows)
    if data["failures"]:
        failures = [
            [str(f["trial"]), f["label"], f["state"], f["reason"]] for f in data["failures"]
        ]
        header = ["trial", "optimizer", "state", "reason"]
        print_table(console, "Last failures", header, failures)
    if verdict and verdict["pairs"]:
        rows = [
            [str(i), tables.number(pair["challenger"]), tables.number(pair["incumbent"])]
            for i, pair in enumerate(verdict["pairs"])
        ]
        header = ["instance", verdict["challenger"], verdict["incumbent"]]
        print_table(console, "Fresh instances", header, rows)
        if verdict["test"]:
            console.print(Text(_plain(verdict_text.test_line(verdict))))
        record = verdict_text.verdict_record(data)
        lines = (verdict_text.before_line(verdict), verdict_text.key_line(verdict, record))
        for line in filter(None, lines):
            console.print(Text(_plain(line)))
    if data["baselines"]:
        rows = [verdict_text.baseline_cells(row) for row in data["baselines"]]
        print_table(console, "Against tuned baselines", verdict_text.BASELINE_HEADER, rows)
    if data["ablation"]:
        rows = [ablation_text.ablation_cells(row) for row in data["ablation"]["rows"]]
        title = f"Ablation (delta in {data['ablation']['unit']}; positive: the part helps)"
        print_table(console, title, ablation_text.ABLATION_HEADER, rows)
        console.print(Text(_plain(ablation_text.simplification_line(data["ablation"]))))
    if data["closest"]:
        console.print(Text(_plain(markdown.likeness_line(data["closest"]))))
    if data["publication"]:
        console.print(Text(_plain(markdown.publication_line(data["publication"]))))


def _plain(text: str) -> str:
    return printable(text.replace("**", "").replace("`", ""))
