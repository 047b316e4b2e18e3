"""The functions and records of `import autoresearch`, for notebooks and programs.

They do what the verbs `run`, `eval`, `transfer`, `tracks` and `report` do, with the same options,
rules and files.
"""
