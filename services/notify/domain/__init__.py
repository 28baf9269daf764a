"""The rules of the calendar, the ladder of reminders and the life of a mail. Pure: days and moments are given."""
