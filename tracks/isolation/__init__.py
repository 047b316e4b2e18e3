"""The evaluation of untrusted code: its processes, what they tell each other, and their sandbox."""
