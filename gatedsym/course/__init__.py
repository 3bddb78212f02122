"""Cells → what a course needs of them: numbers to compare by hand, slides, exercises with solutions."""

from gatedsym.course.example import WorkedExample, worked_example

__all__ = ["WorkedExample", "worked_example"]
