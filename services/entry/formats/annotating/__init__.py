"""The annotated workbook: the sender's own file back, with what was found at its cells."""

from services.entry.formats.annotating.copying import WorkbookIsBroken, annotated
from services.entry.formats.annotating.marks import Mark, marks_of

__all__ = ["Mark", "WorkbookIsBroken", "annotated", "marks_of"]
