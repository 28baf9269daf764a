"""What validation does: judge submissions and judge them again, follow findings, and look after the rulesets."""
