"""Cells and a task → a search over rates, judged runs, and labelled datasets of what they learnt."""
