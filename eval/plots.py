"""Small plots as SVG text, for reports that must hold together without any other file."""

from collections.abc import Sequence

_WIDTH, _HEIGHT = 240, 120


def bars(counts: Sequence[int]) -> str:
    """A histogram of values from 0 to 1, one bar to a bin, each with its count as a title."""
    top = max([*counts, 1])
    wide = _WIDTH / len(counts)
    shapes = []
    for i, n in enumerate(counts):
        tall = (_HEIGHT - 20) * n / top
        shapes.append(
            f'<rect x="{i * wide + 1:.1f}" y="{_HEIGHT - 14 - tall:.1f}" width="{wide - 2:.1f}" '
            f'height="{tall:.1f}" fill="#4477aa"><title>{n}</title></rect>'
        )
    return _framed("histogram", shapes)


def curve(points: Sequence[tuple[float, float, int]]) -> str:
    """A calibration curve: (mean score, share supported, how many); the diagonal is perfect."""
    side = _HEIGHT - 14
    most = max([n for *_, n in points] + [1])
    shapes = [f'<line x1="0" y1="{side}" x2="{_WIDTH}" y2="0" stroke="#999" stroke-dasharray="4"/>']
    shapes += [
        f'<circle cx="{score * _WIDTH:.1f}" cy="{side * (1 - share):.1f}" '
        f'r="{2 + 6 * (n / most) ** 0.5:.1f}" fill="#4477aa"><title>{n}</title></circle>'
        for score, share, n in points
    ]
    return _framed("calibration", shapes)


def _framed(name: str, shapes: Sequence[str]) -> str:
    base = _HEIGHT - 14
    axis = (
        f'<line x1="0" y1="{base}" x2="{_WIDTH}" y2="{base}" stroke="#999"/>'
        f'<text x="0" y="{_HEIGHT - 2}" font-size="11" fill="#888">0</text>'
        f'<text x="{_WIDTH - 8}" y="{_HEIGHT - 2}" font-size="11" fill="#888">1</text>'
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{name}">'
        f"{''.join(shapes)}{axis}</svg>"
    )
