"""Media types, refusals, read results, and the parts of an XLSX package."""
