"""Real data shipped with the package, its licence and origin beside it, so that the first look needs no network.

A floor module: it knows where files are and imports nothing of ours.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["names", "path"]

_HERE = Path(__file__).parent


def path(name: str, file: str | None = None) -> Path:
    """Where a shipped data set lies.

    Parameters
    ----------
    name : str
        ``beijing``.
    file : str, optional
        One file of it, as ``stations.csv``; without it the folder.

    Raises
    ------
    KeyError
        No such data set or file is shipped.
    """
    if name not in names():
        raise KeyError(f"no data set {name!r} is shipped; there are: {', '.join(names())}")
    folder = _HERE / name
    if file is None:
        return folder
    if not (folder / file).is_file():
        present = ", ".join(sorted(entry.name for entry in folder.iterdir()))
        raise KeyError(f"data set {name!r} has no file {file!r}; there are: {present}")
    return folder / file


def names() -> list[str]:
    """The data sets shipped."""
    return sorted(entry.name for entry in _HERE.iterdir() if entry.is_dir() and not entry.name.startswith("_"))
