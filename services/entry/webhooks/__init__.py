"""Webhooks, with their secrets, messages and deliveries."""
