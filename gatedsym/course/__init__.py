"""Cells → what a course needs of them: numbers to compare by hand, slides, exercises with solutions."""

from gatedsym.course.example import WorkedExample, worked_example
from gatedsym.course.exercise import Exercise, exercises
from gatedsym.course.exercise_page import exercise_page
from gatedsym.course.numbers import number_page
from gatedsym.course.slides import Slides

__all__ = ["Exercise", "Slides", "WorkedExample", "exercise_page", "exercises", "number_page", "worked_example"]
