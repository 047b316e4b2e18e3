"""The main job: search, judge the best trial, report. Every stage can be resumed."""

from agent.judge import Judge, Options
from agent.report.data import Report
from agent.report.html import study_page
from agent.report.markdown import study_report
from agent.search.estimate import estimate
from agent.search.loop import search
from agent.search.sources import Sources
from agent.study.executor import Executor
from agent.study.ledger import Ledger
from agent.study.progress import View
from agent.study.settings import Stage
from agent.study.stages import Stages
from agent.study.study import Study
from agent.study.workspace import Workspace, write_text
from agent.verdict.comparison import Bench


def run_study(
    workspace: Workspace,
    ledger: Study,
    executor: Executor,
    view: View,
    options: Options,
    sources: Sources = Sources(),  # noqa: B008
) -> Report:
    """Take the study from wherever it stands to its end.

    Stages that were finished before run again, but their evaluations come from the store, so they
    cost nothing and give the same. Of several coordinators one leads: it takes the best trial to
    its verdict once all trials are finished; where it was killed, the next one does.
    """
    with ledger.leading() as other:
        if other:
            view.note(f"joining the search of process {other}")
        _run(workspace, ledger, executor, view, options, sources)
    report = Report(ledger, Ledger(workspace).all())
    if ledger.stage is Stage.DONE:
        write_text(ledger.folder / "report.md", study_report(report))
        write_text(ledger.folder / "report.html", study_page(report))
    return report


def _run(
    workspace: Workspace,
    ledger: Study,
    executor: Executor,
    view: View,
    options: Options,
    sources: Sources,
) -> None:
    joined = not ledger.leads
    stages = Stages(ledger, view, lambda: executor.gpu_s)
    judge = Judge(workspace, ledger, Bench(ledger.settings, executor, view), options, stages)
    try:
        expected = None
        if not ledger.finished():
            expected = estimate(ledger.settings, executor, ablates=options.ablation)
        if expected:
            stages.enter(Stage.SEARCH, expected.search_s, expected.later_s)
            view.note(str(expected))
        else:
            stages.enter(Stage.SEARCH)
        if expected and (warning := sources.warning(ledger)):
            view.note(warning)
        if not ledger.settings.tuned and executor.jobs > 1:
            # the verdict needs it, and would wait for it alone
            judge.official.compared(judge.incumbent()[1])
        search(ledger, executor, view, options.max_time_s, sources)
        with ledger.leading() as other:
            if other:
                view.note(f"process {other} takes the best trial to its verdict")
            elif not (joined and ledger.stage is Stage.DONE):
                best = ledger.best()
                if best and not ledger.settings.tuned:
                    judge.judge(best)
                stages.enter(Stage.DONE)
    finally:
        stages.keep()
