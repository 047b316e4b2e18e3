"""The evaluation of untrusted code: its processes, their messages, and their sandbox."""
