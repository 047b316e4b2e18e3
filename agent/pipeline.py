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
    study: Study,
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
    with study.leading() as other:
        if other:
            view.note(f"joining the search of process {other}")
        _run(workspace, study, executor, view, options, sources)
    report = Report(study, Ledger(workspace).all())
    if study.stage is Stage.DONE:
        write_text(study.folder / "report.md", study_report(report))
        write_text(study.folder / "report.html", study_page(report))
    return report


def _run(
    workspace: Workspace,
    study: Study,
    executor: Executor,
    view: View,
    options: Options,
    sources: Sources,
) -> None:
    joined = not study.leads
    stages = Stages(study, view, lambda: executor.gpu_s)
    judge = Judge(workspace, study, Bench(study.settings, executor, view), options, stages)
    try:
        expected = None
        if not study.finished():
            expected = estimate(study.settings, executor, ablates=options.ablation)
        if expected:
            stages.enter(Stage.SEARCH, expected.search_s, expected.later_s)
            view.note(str(expected))
            if warning := sources.warning(study):
                view.note(warning)
        else:
            stages.enter(Stage.SEARCH)
        if not study.settings.tuned and executor.jobs > 1:
            # the verdict needs it, and would wait for it alone
            judge.official.compared(judge.incumbent()[1])
        search(study, executor, view, options.max_time_s, sources)
        with study.leading() as other:
            if other:
                view.note(f"process {other} takes the best trial to its verdict")
            elif not (joined and study.stage is Stage.DONE):
                best = study.best()
                if best and not study.settings.tuned:
                    judge.judge(best)
                stages.enter(Stage.DONE)
    finally:
        stages.keep()
