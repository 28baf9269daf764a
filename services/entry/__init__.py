"""The service entry: submissions and their versions, windows, files, clients, webhooks and the audit log."""
