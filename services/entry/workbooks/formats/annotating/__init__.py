"""The annotated workbook: the sender's file with the findings at its cells."""
