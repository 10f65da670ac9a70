"""Files that hold passwords and keys: TOML written whole, readable by the owner alone."""

from __future__ import annotations

import fcntl
import json
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from commonshed.errors import InputError
from commonshed.keep.durable import disk_errors, write_file

__all__ = ["editing", "read_toml", "toml_text", "write_private"]


def write_private(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in its place whole, in a folder of mode 0700 where there is none."""
    with disk_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_file(path, content, private=True)


@contextmanager
def editing(path: Path) -> Iterator[None]:
    """Only one process edits a file at a time; readers never wait."""
    with disk_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_toml(path: Path) -> dict[str, Any]:
    """What a file says; nothing where there is none.

    Raises
    ------
    InputError
        It is no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"this is no TOML: {error}", file=path, mend="Put it right by hand, or bring back a copy"
        ) from None


def toml_text(head: str, tables: str, entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Tables of one kind, in order of their names: ``[devices."MN"]``.

    Parameters
    ----------
    head : str
        Comment lines at the top.
    tables : str
        What the tables are.
    entries : mapping of name to fields
        Text, integers, truth values, lists of text, mappings of text; None and empty ones are left out.
    """
    lines = [head.rstrip(), ""]
    for name, fields in sorted(entries.items()):
        lines.append(f"[{tables}.{_value(name)}]")
        lines += [f"{key} = {_value(value)}" for key, value in fields.items() if value not in (None, "", (), [], {})]
        lines.append("")
    return "\n".join(lines)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_value(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_value, value)) + "]"
    # What JSON escapes TOML reads, except the one control character that JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
