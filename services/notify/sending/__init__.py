"""The ledger of mails and their delivery to the mail server."""
