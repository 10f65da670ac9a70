"""Proofs of one reading: ``commonshed prove`` and ``commonshed verify-proof``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from commonshed.cli.output import Format, FormatOption, Record, file_to_write, is_table, talk, write
from commonshed.cli.shed import LengthOption, ShedOption, StartOption, StationOption, StatisticOption, second_of
from commonshed.disclose.proofs import Proof, Proved, prove, tell, verify, vouched
from commonshed.errors import InputError, ProofError
from commonshed.keep import Shed
from commonshed.keep.durable import write_file
from commonshed.keep.log.notes import Verifier
from commonshed.units import quantity as declared

__all__ = ["prove_reading", "verify_proof"]


def prove_reading(
    shed: ShedOption,
    *,
    station: StationOption,
    quantity: Annotated[str, Parameter(help="As in readings: pm25.")],
    start: StartOption,
    output: Annotated[
        Path, Parameter(name=["--output", "-o"], help="File to write the proof to.", validator=file_to_write)
    ],
    statistic: StatisticOption = "mean",
    length: LengthOption = None,
    newest: Annotated[
        bool,
        Parameter(negative="", help="Stand on the newest checkpoint even where neighbours have signed an earlier one."),
    ] = False,
) -> None:
    """Prove one reading to somebody who has nothing but the proof and a key of this node.

    The proof carries all versions of a corrected reading, and shows that nothing entered later changes it.

    Example: commonshed prove --shed my-shed --station Dongsi --quantity pm25 --start 2016-12-20T10:00 -o proof.json
    """
    opened = Shed.open(shed)
    proof = prove(
        opened, station=station, quantity=declared(quantity).id, start=second_of(start, opened.zone),
        statistic=statistic, period=length, newest=newest,
    )  # fmt: skip
    write_file(output, proof.encode())
    talk(f"{output} written. The key to check it with, to be handed over another way than the proof:")
    print(opened.log.keys.verifiers[0])


def verify_proof(
    proof: Annotated[Path, Parameter(help="File of the proof.")],
    *,
    key: Annotated[
        str | None, Parameter(help="Key of the node, from another source than the proof: commonshed/…+…+…")
    ] = None,
    shed: Annotated[
        Path | None, Parameter(help="Take keys from this shed: of the node itself, or of a neighbour's mirror.")
    ] = None,
    witness: Annotated[
        list[str] | None, Parameter(negative="", help="Key of a neighbour whose confirmation counts; may be repeated.")
    ] = None,
    lang: Annotated[Literal["en", "zh"], Parameter(help="Language of what is said.")] = "en",
    format: FormatOption = None,
) -> None:
    """Check a proof of a reading, and say in words what it proves and what it does not. No shed is needed.

    Ends with 2 when a step does not hold.

    Example: commonshed verify-proof proof.json --key commonshed/NODE+0a1b2c3d+AQ…
    """
    with _of_file(proof):
        read = Proof.read(proof)
    witnesses = [Verifier.parse(each) for each in witness or ()]
    if key is not None:
        verifier = Verifier.parse(key)
    elif shed is not None:
        verifier, known = vouched(shed, read)
        witnesses += known
    else:
        raise InputError(
            "a proof is checked with the key of the node it is of, and none is given",
            field="--key",
            mend="Ask the node for its key by another way than the proof came, or name a shed: --shed",
        )
    with _of_file(proof):
        proved = verify(read, verifier, witnesses=witnesses)
    _show(read, proved, format, lang)


@contextmanager
def _of_file(proof: Path) -> Iterator[None]:
    """Say which file it is that does not hold."""
    try:
        yield
    except ProofError as error:
        raise ProofError(f"{proof}: {error}") from None
    except FileNotFoundError:
        raise InputError("there is no such file", file=proof, mend="Check the path") from None
    except IsADirectoryError:
        raise InputError("this is a folder and no proof", file=proof, mend="Name the file") from None


def _show(proof: Proof, proved: Proved, format: Format | None, lang: Literal["en", "zh"]) -> None:
    if is_table(format, None):
        print("\n\n".join(tell(proof, proved, lang)))
    else:
        write([_record(proof, proved, lang)], format=format)


def _record(proof: Proof, proved: Proved, lang: Literal["en", "zh"]) -> Record:
    return {
        **asdict(proved.subject),
        "value": proved.value,
        "unit": proved.unit,
        "qualifier": proved.last.row.qualifier,
        "flag": proved.last.row.flag,
        "status": proved.last.row.status,
        "reason": proved.last.row.reason,
        "raw": proved.last.row.raw,
        "log": proved.checkpoint.origin,
        "size": proved.checkpoint.size,
        "key": str(proved.signed_by),
        "counts": proved.counts,
        "versions": [
            {"position": version.position, "ticks": version.row.ticks, "flag": version.row.flag, "at": version.at}
            for version in proved.versions
        ],
        "witnesses": [{"key": str(each.witness), "at": each.at} for each in proved.witnesses],
        "strangers": list(proved.strangers),
        "said": tell(proof, proved, lang),
    }
