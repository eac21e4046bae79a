"""Charts as SVG, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, LABELS, ROW = 860, 300, 26
_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .bar { fill: #8c959f } .ours { fill: #0f9d76 } .bad { fill: #cf222e }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #2dc59a } .bad { fill: #ff7b72 } }
</style>"""


def bars(title: str, rows: Sequence[tuple[str, float, str]]) -> str:
    """One bar for each row of label, value and text, the shortest first."""
    rows = sorted(rows, key=lambda row: row[1])
    most = max(value for _, value, _ in rows)
    height = 50 + ROW * len(rows)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        _STYLE,
        f'<text x="10" y="24" font-weight="bold">{escape(title)}</text>',
    ]
    for index, (label, value, text) in enumerate(rows):
        y = 40 + ROW * index
        width = max(1.0, value / most * (WIDTH - LABELS - 150))
        kind = "ours" if label.startswith("aioturso") else "bar"
        lines.append(f'<text x="{LABELS}" y="{y + 15}" text-anchor="end">{escape(label)}</text>')
        lines.append(
            f'<rect class="{kind}" x="{LABELS + 10}" y="{y + 3}" width="{width:.0f}" height="{ROW - 8}"/>'
        )
        lines.append(f'<text x="{LABELS + 18 + width:.0f}" y="{y + 15}">{escape(text)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def timeline(title: str, ideal: float, rows: Sequence[tuple[str, Sequence[tuple[float, int]]]]) -> str:
    """Calls accepted (up) and refused (down) in each of many short spans of time; one row for each client.

    `rows`: a name and its calls as (seconds, status). A line shows the ideal end.
    """
    columns, left, tall = 120, 90, 90
    end = max([ideal, *(at for _, log in rows for at, _ in log)]) * 1.0001
    counts = [_counted(log, end, columns) for _, log in rows]
    most = max((abs(n) for row in counts for pair in row for n in pair), default=1) or 1
    width = (WIDTH - left - 10) / columns
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {50 + tall * len(rows)}" role="img">',
        f"<title>{escape(title)}</title>",
        _STYLE,
        f'<text x="10" y="20" font-weight="bold">{escape(title)}</text>',
        f'<text x="{WIDTH - 10}" y="20" text-anchor="end">{end:.0f} s</text>',
    ]
    for number, ((name, _), row) in enumerate(zip(rows, counts, strict=True)):
        zero = 30 + tall * number + tall * 0.6
        lines.append(f'<text x="10" y="{zero:.0f}">{escape(name)}</text>')
        for column, (accepted, refused) in enumerate(row):
            x, up, down = left + width * column, tall * 0.55 * accepted / most, tall * 0.35 * refused / most
            if accepted:
                lines.append(_rect("ours", x, zero - max(1, up), width - 0.5, max(1, up)))
            if refused:
                lines.append(_rect("bad", x, zero + 1, width - 0.5, max(1, down)))
    lines.append(_rect("bar", left + ideal / end * (WIDTH - left - 10), 28, 1.5, tall * len(rows) + 10))
    return "\n".join([*lines, "</svg>", ""])


def _counted(log: Sequence[tuple[float, int]], end: float, columns: int) -> list[list[int]]:
    counts = [[0, 0] for _ in range(columns)]
    for at, status in log:
        counts[int(at / end * columns)][status != 200] += 1
    return counts


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
