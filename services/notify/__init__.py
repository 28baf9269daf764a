"""Notify: the calendar, contacts, reminders and mails."""
