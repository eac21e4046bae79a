"""Checks the built documentation: no page loads anything from another host, and no signature is clipped.

`mkdocs build -d .site && python .ci/check_site.py .site`
"""

import re
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
NAMES_ONLY = {"canonical", "next", "prev", "alternate"}  # links that a browser does not load
WIDEST = 100  # characters of a line of a signature
SIGNATURE = re.compile(r'<div class="doc-signature[^>]*>(.*?)</div>', re.S)


class Page(HTMLParser):
    """Collects what a browser loads for a page, and the numbers that its lists begin with."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.starts: list[str] = []
        self.widget = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in LOADS and found.get("rel") not in NAMES_ONLY:
            self.loaded.append(found.get(LOADS[tag], ""))
        if tag == "ol" and "start" in found:
            self.starts.append(found["start"])
        self.widget |= found.get("data-md-component") == "source"  # its script counts the repository's stars


def problems(path: Path, root: Path) -> list[str]:
    text, page = path.read_text(), Page()
    page.feed(text)
    found = [f"loads {url}" for url in page.loaded if re.match(r"(https?:)?//", url)]
    local = [url.partition("?")[0] for url in page.loaded if not re.match(r"/|https?:|data:|$", url)]
    found += [f"lacks {url}" for url in local if not (path.parent / url).exists()]
    found += [f"has a list that begins with {start}" for start in page.starts]
    found += ["has a widget that loads facts of the repository"] if page.widget else []
    for signature in SIGNATURE.findall(text):
        lines = unescape(re.sub(r"<[^>]+>", "", signature)).splitlines()
        found += [f"clips {line.strip()[:60]}..." for line in lines if len(line) > WIDEST]
    return found


def main(folder: str) -> int:
    root = Path(folder)
    pages = sorted(root.rglob("*.html"))
    found = [f"{path.relative_to(root)} {problem}" for path in pages for problem in problems(path, root)]
    for style in root.rglob("*.css"):
        loaded = re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^\"')]+", style.read_text())
        found += [f"{style.relative_to(root)} loads {url}" for url in loaded]
    print("\n".join(found) or f"{len(pages)} pages load nothing from other hosts")
    return 1 if found or len(pages) < 20 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
