"""Threads that share a batch: chunks, teams, and waiting for one another."""
