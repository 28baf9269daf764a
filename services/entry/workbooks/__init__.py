"""Templates, annotated workbooks and exports."""
