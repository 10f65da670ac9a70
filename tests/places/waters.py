"""Made-up river networks: trees that flow to one mouth, with marks along them."""

from __future__ import annotations

from hypothesis import strategies as st

from commonshed.places import Mark, Node, Reach, Rivers


@st.composite
def trees(draw: st.DrawFn, *, marks: bool = True) -> Rivers:
    """Every node but the mouth flows to one of lower number; marks stand anywhere on the reaches, ends included."""
    count = draw(st.integers(2, 9))
    reaches = []
    for k in range(1, count):
        below = draw(st.integers(0, k - 1))
        reaches.append(Reach(f"r{k}", f"n{k}", f"n{below}", length=float(draw(st.integers(1, 5000)))))
    standing = []
    for number in range(draw(st.integers(0, 6)) if marks else 0):
        reach = draw(st.sampled_from(reaches))
        share = draw(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5, 0.99, 1.0]))
        kind = draw(st.sampled_from(["section", "outlet", "bridge"]))
        standing.append(Mark(f"m{number}", kind, reach=reach.id, distance=share * (reach.length or 0)))  # type: ignore[arg-type]
    return Rivers.of([Node(f"n{k}") for k in range(count)], reaches, standing)


def chain(*lengths: float, **of_each: object) -> Rivers:
    """Reaches r1, r2 … one behind the other, from n0 to the mouth."""
    reaches = [
        Reach(f"r{k}", f"n{k - 1}", f"n{k}", length=length, **of_each)  # type: ignore[arg-type]
        for k, length in enumerate(lengths, 1)
    ]
    return Rivers.of([Node(f"n{k}") for k in range(len(lengths) + 1)], reaches)
