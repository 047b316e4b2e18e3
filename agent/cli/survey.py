"""`autoresearch survey`: what others use, kept as ideas with their source and claim."""

import typer

from agent.cli import common


def survey(
    source: list[str] = typer.Argument(
        ..., help="A folder, or the URL of a git repository; several are read one by one."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print what was found as JSON."),
) -> None:
    """Read the submissions of others for techniques, and keep them in runs/techniques.json.

    A submission is read with the README.md and the results beside it; where a source has none,
    every README.md and every Python file is read. Nothing is run. A technique is kept with where it
    is from, what is claimed for it, a bucket by the rank of that claim among the others, and the
    part of the search space that it is, if there is one.

    \b
    Examples:
      autoresearch survey ../caffeine
      autoresearch survey https://example.org/fork.git ../caffeine/submissions --json
    """
    from agent.importer import fetched
    from agent.report.terminal import print_table
    from agent.survey import survey as read
    from agent.techniques import SCHEMA_VERSION, Techniques, in_order

    techniques, files = [], []
    for one in source:
        with fetched(one) as (folder, origin):
            found = read(folder, origin)
        techniques += found.techniques
        files += [{"source": one, "path": s.path, "kind": s.kind} for s in found.sources]
    new = Techniques(common.workspace().writable_runs()).add(techniques)
    shown = in_order(techniques)
    if as_json:
        rows = [one.to_json() for one in shown]
        common.print_json(
            {"schema_version": SCHEMA_VERSION, "read": files, "techniques": rows, "new": new}
        )
        return
    header = ["bucket", "technique", "part", "claimed", "source"]
    cells = [
        [t.bucket, t.name, t.part or "needs a new part", t.claimed_gain or "-", t.source]
        for t in shown
    ]
    if cells:
        print_table(common.console(), f"From {', '.join(source)}", header, cells)
    print(f"{len(files)} read, {len(shown)} techniques, {new} of them new.")
