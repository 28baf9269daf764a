"""The role mailboxes of the structures."""
