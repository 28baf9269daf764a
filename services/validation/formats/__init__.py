"""Bytes to data and back: the files of rules, the bodies of submissions, the reports of findings."""
