"""Builds the wheel: what verbs read besides code goes into it as `agent/shipped`."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("SKILL.md", "docs/*.md", "submissions/adamw/*.*")


class BuildWithFiles(build_py):
    """Copies them at build time, so that git has one copy of each."""

    def run(self) -> None:
        if self.editable_mode:
            # agent.study.shipped finds them in the source
            super().run()
            return
        build = Path(self.build_lib)
        # what an earlier build left there is not in the source any more
        shutil.rmtree(build, ignore_errors=True)
        super().run()
        for path in (path for pattern in SHIPPED for path in sorted(Path().glob(pattern))):
            target = build / "agent" / "shipped" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


setup(cmdclass={"build_py": BuildWithFiles})
