"""The command line: one command, one library function, no logic between.

Each stage's commands live in a module of that stage's name and are imported only when asked for, so that ``commonshed
--help`` answers at once. Tables and records go to standard output, talk to standard error. This module is the one place
where errors become exit codes:

====  =====================================================================================
code  when
====  =====================================================================================
0     done
1     our own fault: one sentence says how to report it; ``COMMONSHED_DEBUG=1`` shows the trace
2     something the user can mend: input, law, shed, a missing extra, the command itself
130   interrupted
141   the reader of standard output went away
====  =====================================================================================
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

import cyclopts
from cyclopts.exceptions import CycloptsError

from commonshed import __version__
from commonshed.errors import CommonshedError

__all__ = ["COMMANDS", "Command", "app", "front", "main", "run"]

ISSUES = "the project's issue tracker"


class Command(NamedTuple):
    """Where a command lives, and its one line in ``commonshed --help``."""

    place: str
    """``module:attribute``; the attribute is a function or a ``cyclopts.App`` of the command's name."""
    answers: str


COMMANDS = {
    "demo": Command(
        "commonshed.cli.demo:demo", "Show a whole pass of the loop on real readings that come with the package."
    ),
    "init": Command("commonshed.cli.shed:init", "Make an empty shed: the folder that holds all a node knows."),
    "ingest": Command("commonshed.cli.observe:ingest", "Take files of readings into a shed, checked, kept for good."),
    "gateway": Command(
        "commonshed.cli.gateway:app", "Take readings from measuring devices, kept before they are answered."
    ),
    "device": Command(
        "commonshed.cli.device:app",
        "Measuring devices: register them, read back what they sent, try it with made-up ones.",
    ),
    "shed": Command("commonshed.cli.shed:app", "Look after a shed: what is in it, sealing, repacking, corrections."),
    "key": Command(
        "commonshed.cli.key:app", "Look after the key a node signs with: show, back up, restore, rotate, recover."
    ),
    "standards": Command("commonshed.cli.standards:app", "Read the law we grade by: list, show, compare, look up."),
    "assess": Command("commonshed.cli.assess:app", "Grade readings by the legal standard, on a shed or on files."),
    "attribute": Command("commonshed.cli.attribute:app", "Say what passes each section of a river, and whose it is."),
    "spill": Command(
        "commonshed.cli.spill:spill", "Forecast a spill down a river, try every response point, and write the plan."
    ),
    "settle": Command(
        "commonshed.cli.settle:settle", "Settle an agreement between jurisdictions: who pays whom, and why."
    ),
    "agreements": Command(
        "commonshed.cli.settle:agreements", "Read the compensation agreements we hold: list, show; add one to a shed."
    ),
    "state": Command(
        "commonshed.cli.state:state",
        "Publish the answer to a question: computed from a shed, signed, entered into its log.",
    ),
    "verify": Command(
        "commonshed.cli.state:verify",
        "Recompute a statement from the readings it rests on, and say what agrees and what does not.",
    ),
    "erratum": Command(
        "commonshed.cli.state:erratum", "Publish that a method was wrong, and state anew what was stated by it."
    ),
    "prove": Command(
        "commonshed.cli.prove:prove_reading",
        "Prove one reading to somebody who has nothing but the proof and a key of this node.",
    ),
    "verify-proof": Command(
        "commonshed.cli.prove:verify_proof",
        "Check a proof of a reading, and say in words what it proves and what it does not. No shed is needed.",
    ),
    "peer": Command(
        "commonshed.cli.peer:app", "Pull from other nodes: add, pull, status, evidence, accept-key, clear, remove."
    ),
    "share": Command(
        "commonshed.cli.share:app", "Say who may have which readings: list, show, set, check the sharing rule."
    ),
    "serve-node": Command(
        "commonshed.cli.share:serve_node",
        "Serve a node: its log to everybody, its readings as the sharing rule says. Ctrl-C ends it cleanly.",
    ),
    "publish": Command(
        "commonshed.cli.share:publish",
        "Write what everybody may have as plain files that any web server can host; only what is new is written.",
    ),
    "tamper-drill": Command(
        "commonshed.cli.tamper:app", "Change one hour of the past, on a copy, and see who notices."
    ),
    "report": Command("commonshed.cli.disclose:report", "Write one self-contained HTML page of what was assessed."),
    "report-river": Command(
        "commonshed.cli.disclose:report_river",
        "Write one self-contained HTML page about a river: classes, loads, shares, a bill, a spill drill.",
    ),
}
"""Every command, in the order of the loop."""


def _frame(*, lines: bool) -> cyclopts.App:
    frame = cyclopts.App(
        name="commonshed",
        help="Readings of a shared monitoring network become who owes what. Start with: commonshed demo",
        version=__version__,
        help_format="plaintext" if lines else "markdown",
        version_format="plaintext",
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    for position, (name, command) in enumerate(COMMANDS.items()):
        frame.command(command.place, name=name, help=command.answers if lines else None, sort_key=position)
    return frame


app = _frame(lines=False)
"""Runs commands; each explains itself, so asking this one for the list imports every stage."""

front = _frame(lines=True)
"""Lists the commands by their one line and imports none of them."""


def main() -> None:
    """Run the command line of this process and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(tokens: Sequence[str]) -> int:
    """Run one command line.

    Parameters
    ----------
    tokens : sequence of str
        The words after ``commonshed``.

    Returns
    -------
    int
        The exit code: see the table of this module.
    """
    try:
        frame = front if list(tokens) in ([], ["--help"], ["-h"]) else app
        code = frame(list(tokens), exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        return _refuse(f"{error} Try: {_help_of(tokens)}")
    except CommonshedError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return _refuse("interrupted", code=130)
    except BrokenPipeError:
        return _leave_quietly()
    except OSError as error:
        return _refuse(_os_sentence(error))
    except Exception as error:
        return _own_fault(error)
    return code if isinstance(code, int) else 0


def _refuse(message: str, *, code: int = 2) -> int:
    print(f"commonshed: {message}", file=sys.stderr)
    return code


def _own_fault(error: Exception) -> int:
    if os.environ.get("COMMONSHED_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    name = type(error).__name__
    return _refuse(
        f"this is our fault, not yours ({name}: {error}). "
        f"Run it again with COMMONSHED_DEBUG=1 and send what it prints to {ISSUES}",
        code=1,
    )


def _leave_quietly() -> int:
    # Python flushes standard output once more at exit; point it somewhere that takes it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _os_sentence(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _help_of(tokens: Sequence[str]) -> str:
    """The help of the innermost command that the words name: ``commonshed assess air --help``."""
    chain, _, _ = app.parse_commands(list(tokens))
    return " ".join([app.name[0], *chain, "--help"])
