"""Numbers as a person says them."""

from __future__ import annotations


def span(seconds: float) -> str:
    """A length of time.

    Example:
        >>> span(7.4), span(75), span(5400)
        ('7 s', '1 min 15 s', '1 h 30 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def bytes_of(count: int) -> str:
    """A size of a file.

    Example:
        >>> bytes_of(900), bytes_of(25_300), bytes_of(4_200_000)
        ('900 B', '25 kB', '4.2 MB')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count // 1000} kB" if count >= 1000 else f"{count} B"


def counted(count: int, one: str, several: str) -> str:
    """So many of a thing.

    Example:
        >>> counted(1, "box", "boxes"), counted(3, "box", "boxes")
        ('1 box', '3 boxes')
    """
    return f"{count} {one if count == 1 else several}"
