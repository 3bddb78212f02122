"""Experiments that come with gatedsym: learning, and every registered analysis."""
