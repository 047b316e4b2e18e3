"""Files that are no submission, with what is said of each."""

BAD_FILES = {
    "empty": (b"", "empty; expected a class Submission"),
    "huge": (b"#" * (2**20 + 1), "at most 1048576 bytes"),
    "binary": (b"\x89PNG\xff\xfe\x00", "not UTF-8 text"),
    "syntax": (b"class Submission(:\n", "line 1: syntax error"),
    "no class": (b"x = 1\n", "no class Submission; expected a subclass of torch"),
    "wrong class": (
        b"class Submission:\n    pass\n",
        "Submission has no base class; expected torch.optim.Optimizer",
    ),
}
