"""A bar chart as SVG, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, LABELS, ROW = 860, 300, 26
_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f } .bar { fill: #8c959f } .ours { fill: #0f9d76 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #2dc59a } }
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
