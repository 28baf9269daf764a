"""The styles part of a workbook, with added styles for coloured cells and for the list of findings."""

from services.entry.files.domain.xml_edits import Element, XmlEdits, to_bytes

EMPTY_STYLES = (
    '<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
"""The initial content for a workbook without a styles part."""

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"

COLOURS = {"blocker": "FFF4A6A6", "error": "FFF8CBAD", "warning": "FFFFE699", "info": "FFDDEBF7"}
MAX_STYLES = 65_000
"""The maximum number of cell styles. Excel allows a few more."""

_FONTS = {
    "plain": '<{}sz val="11"/><{}name val="Calibri"/>',
    "note": '<{}sz val="11"/><{}name val="Calibri"/>',
    "bold": '<{}b/><{}sz val="11"/><{}name val="Calibri"/>',
    "large": '<{}b/><{}sz val="16"/><{}name val="Calibri"/>',
    "head": '<{}b/><{}sz val="11"/><{}color rgb="FFFFFFFF"/><{}name val="Calibri"/>',
    "link": '<{}u/><{}sz val="11"/><{}color rgb="FF0563C1"/><{}name val="Calibri"/>',
}
_HOLDERS = {"fonts", "fills", "cellXfs"}
_HEAD_COLOUR = "FF1D3F72"


class Styles:
    """Styles by number. New styles are appended."""

    def __init__(self, content: bytes) -> None:
        self._part = XmlEdits(content)
        self._holders = {name: found for name in sorted(_HOLDERS) if (found := self._part.find(name))}
        self._counts = {name: len(self._part.children_of(each)) for name, each in self._holders.items()}
        self._bases = self._part.children_of(self._holders["cellXfs"]) if "cellXfs" in self._holders else []
        self._made: dict[tuple[object, ...], int] = {}

    def coloured(self, style: int, severity: str) -> int:
        """Return a style like another one, with the fill of a severity; the same style if no style can be added."""
        if style >= len(self._bases) or not self._can_add():
            return style
        key = ("coloured", style, severity)
        if key not in self._made:
            self._made[key] = self._add("cellXfs", self._clone(self._bases[style], severity))
        return self._made[key]

    def for_list(self, font: str, colour: str | None = None) -> int:
        """Return the style of a cell in the list, with a font and the fill of a severity."""
        if not self._can_add():
            return 0
        key = ("list", font, colour)
        if key not in self._made:
            fill = self._fill(_HEAD_COLOUR if font == "head" else COLOURS.get(colour or ""))
            facts = {"numFmtId": 0, "fontId": self._font(font), "fillId": fill, "borderId": 0, "xfId": 0}
            facts |= {"applyFont": 1, "applyFill": 1, "applyAlignment": 1}
            # Texts above and below the columns overflow into the next cells.
            wraps = int(font not in ("bold", "large"))
            top = self._part.element("alignment", {"vertical": "top", "wrapText": wraps})
            self._made[key] = self._add("cellXfs", self._part.element("xf", facts, top))
        return self._made[key]

    def done(self) -> bytes:
        """Return the part with the added styles."""
        for name, holder in self._holders.items():
            self._part.set_attributes(holder, count=self._counts[name])
        return self._part.done()

    def _can_add(self) -> bool:
        return self._holders.keys() == _HOLDERS and self._counts["cellXfs"] < MAX_STYLES

    def _clone(self, base: Element, severity: str) -> bytes:
        facts = {**base.attributes, "fillId": self._fill(COLOURS[severity]), "applyFill": 1}
        return self._part.element("xf", facts, self._part.inside(base))

    def _font(self, name: str) -> int:
        key = ("font", name)
        if key not in self._made:
            content = to_bytes(_FONTS[name].replace("{}", self._part.root.prefix))
            self._made[key] = self._add("fonts", self._part.element("font", content=content))
        return self._made[key]

    def _fill(self, colour: str | None) -> int:
        if colour is None:
            return 0
        key = ("fill", colour)
        if key not in self._made:
            colours = self._part.element("fgColor", {"rgb": colour})
            colours += self._part.element("bgColor", {"indexed": 64})
            pattern = self._part.element("patternFill", {"patternType": "solid"}, colours)
            self._made[key] = self._add("fills", self._part.element("fill", content=pattern))
        return self._made[key]

    def _add(self, holder: str, new: bytes) -> int:
        self._part.append(self._holders[holder], new)
        self._counts[holder] += 1
        return self._counts[holder] - 1
