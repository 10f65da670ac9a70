"""``commonshed attribute``: grades become shares — what passes a section, and whose it is."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from commonshed.cli.output import FormatOption, OutputOption, talk, write
from commonshed.cli.sources import FilesArgument, Where, opened

__all__ = ["app", "loads"]

app = App(name="attribute", help="Say what passes each section of a river, and whose it is.")


@app.command
def loads(
    *files: FilesArgument,
    where: Where = Where(),  # noqa: B008 - frozen
    period: Annotated[str, Parameter(help="2016, 2016-Q1, 2016-03 or a span such as 2014..2016.")],
    quantity: Annotated[str, Parameter(help="A concentration in water, such as tp or no3n.")],
    section: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Only this section. May be given several times.")
    ] = (),
    method: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Only this method. May be given several times.")
    ] = (),
    draws: Annotated[int, Parameter(help="Size of the bootstrap that the intervals are from.")] = 1000,
    seed: Annotated[int, Parameter(help="The same seed gives the same intervals.")] = 0,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Estimate the load that passed each section, by several methods side by side.

    Example: commonshed attribute loads --shed demo --period 2016 --quantity tp
    """
    from commonshed.attribute.river import METHODS
    from commonshed.attribute.river import loads as estimated

    found = estimated(
        opened(files, where),
        quantity=quantity,
        period=period,
        sections=section or None,
        methods=method or METHODS,
        draws=draws,
        seed=seed,
        as_of=where.as_of,
    )
    talk(f"{found.period}, {found.quantity}: {len({load.section for load in found.loads})} sections.")
    write(found.records(), format=format, output=output)
