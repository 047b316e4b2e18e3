"""Numbers and times as a report writes them."""


def number(value: float | None) -> str:
    return "failed" if value is None else f"{value:.6g}"


def duration(seconds: float) -> str:
    """In words of everyday: 8 s, 4 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
