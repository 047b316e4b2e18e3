"""GitPython, which otherwise refuses to be imported where there is no git program."""

import os

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import git

__all__ = ["git"]
