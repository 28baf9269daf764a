"""Documents that people read: HTML pages with the footnote, and safe texts for CSV and XLSX files."""
