"""Where the texts of a drawing stand once it is drawn, and which of them overlap or are cut."""

from itertools import combinations
from unittest.mock import patch

from matplotlib.text import Text

SLACK = 0.35
"""Points by which boxes may meet: they are those of lines of type, wider than the ink by more."""


def drawn_texts(drawing):
    """(words, box in points) of every text that a renderer was told to draw, once laid out."""
    found = []
    draw = Text.draw

    def noted(self, renderer, *args, **kwargs):
        draw(self, renderer, *args, **kwargs)
        if self.get_visible() and self.get_text().strip():
            found.append(self)

    with patch.object(Text, "draw", noted):
        drawing.draw_without_rendering()
    renderer, scale = drawing.canvas.get_renderer(), 72 / drawing.dpi
    return [(text.get_text(), Text.get_window_extent(text, renderer).extents * scale) for text in found]


def overlap(a, b):
    """Whether two boxes share more than the slack in both directions."""
    return all(min(a[k + 2], b[k + 2]) - max(a[k], b[k]) > SLACK for k in (0, 1))


def faults(drawing):
    """Sentences on what is wrong with the texts of a drawing; none where every one can be read."""
    texts = drawn_texts(drawing)
    width, height = drawing.get_size_inches() * 72
    said = [
        f"cut: {words!r} at {box.round(1).tolist()} of {width:.0f} x {height:.0f}"
        for words, box in texts
        if box[0] < -SLACK or box[1] < -SLACK or box[2] > width + SLACK or box[3] > height + SLACK
    ]
    said += [f"overlap: {a!r} and {b!r}" for (a, one), (b, other) in combinations(texts, 2) if overlap(one, other)]
    scale = 72 / drawing.dpi
    legends = [x.get_window_extent().extents * scale for x in drawing.legends]
    panels = [a.get_window_extent().extents * scale for a in drawing.axes if a.axison and a.get_visible()]
    said += ["a legend lies over a panel" for one in legends for panel in panels if overlap(one, panel)]
    said += ["panels lie over each other" for a, b in combinations(panels, 2) if overlap(a, b)]
    return said
