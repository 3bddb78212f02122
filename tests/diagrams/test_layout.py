"""Where a diagram puts things: nothing lies on anything else, rails are straight, and it fits a page."""

from itertools import combinations, pairwise

import pytest
from diagrams_of_cells import CELLS, diagram
from matplotlib.text import Text

from gatedsym.diagrams.layout import PAGE, TIGHT, Layout
from gatedsym.diagrams.routes import Crossing, assign_tracks, overlaps
from gatedsym.diagrams.shapes import TERMINALS
from gatedsym.diagrams.style import diagram_style

every_cell = pytest.mark.parametrize("name", sorted(CELLS))
NEAR = 0.02


def drawn_box(spot):
    """What is drawn of a node, without its name: left, bottom, right, top."""
    size = spot.size
    y = spot.y
    if spot.node.kind == "input":
        y -= 0.15 + size.high
    return spot.x - size.half, y - size.high, spot.x + size.half, y + size.high


def meets(a, b, slack=0.0):
    return (
        a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack
    )  # fmt: skip


def segments(wire):
    for (x0, y0), (x1, y1) in pairwise(wire.points):
        yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


@pytest.mark.sampled
@every_cell
def test_nodes_have_room_of_their_own(name):
    spots = diagram(name).layout.spots.values()
    assert not [(a.node.id, b.node.id) for a, b in combinations(spots, 2) if meets(a.room, b.room, 1e-3)]


@every_cell
def test_wires_run_level_or_upright_and_end_at_their_nodes(name):
    layout = diagram(name).layout
    for wire in layout.wires:
        for (x0, y0), (x1, y1) in pairwise(wire.points):
            assert abs(x0 - x1) < 1e-6 or abs(y0 - y1) < 1e-6
        if wire.reader:
            left, low, right, high = drawn_box(layout.spots[wire.reader])
            x, y = wire.points[-1]
            assert left - 1e-3 <= x <= right + 1e-3
            assert low - 1e-3 <= y <= high + 1e-3


@every_cell
def test_no_wire_passes_through_a_node(name):
    layout = diagram(name).layout
    for wire in layout.wires:
        for spot in layout.spots.values():
            own = spot.node.id in (wire.net, wire.reader)
            box = drawn_box(spot)
            slack = 0.005 if not own else 0.02
            crossing = [s for s in segments(wire) if meets(widened(s), box, slack)]
            if spot.node.kind == "valve" and own:
                continue  # a handle ends in the middle of its valve
            assert not crossing, (wire.net, wire.reader, spot.node.id)


def widened(s):
    return s[0] - 0.004, s[1] - 0.004, s[2] + 0.004, s[3] + 0.004


@every_cell
def test_no_two_values_share_a_stretch_of_wire(name):
    wires = diagram(name).layout.wires
    for a, b in combinations(wires, 2):
        if a.net == b.net:
            continue
        for s in segments(a):
            for t in segments(b):
                assert not _alongside(s, t), (a.net, a.reader, b.net, b.reader)


def _alongside(s, t):
    """True of two parallel stretches that lie on each other, or nearly."""
    for level, along in ((1, 0), (0, 1)):
        flat = s[level] == s[level + 2] and t[level] == t[level + 2]
        if flat and abs(s[level] - t[level]) < NEAR:
            shared = min(s[along + 2], t[along + 2]) - max(s[along], t[along])
            if shared > 1e-3:
                return True
    return False


@every_cell
def test_rails_are_straight(name):
    d = diagram(name)
    for path in d.graph.highways:
        for line in range(len(d.layout.bands)):
            wires = [
                w
                for w in d.layout.wires
                if w.highway and w.line == line and d.graph.rail[w.net] == d.graph.rail[path[0]]
            ]
            assert len({round(y, 3) for w in wires for _, y in w.points}) <= 1


@every_cell
def test_it_fits_a_page(name):
    assert diagram(name).layout.width <= TIGHT * PAGE


@every_cell
def test_states_enter_on_the_left_and_leave_on_the_right(name):
    d = diagram(name)
    for spot in d.layout.spots.values():
        reached = [other.x for other in d.layout.spots.values() if other.line == spot.line]
        if spot.node.kind in ("state", "input"):
            assert spot.line == 0
            assert spot.x <= min(reached) + 0.5
        if spot.node.kind in ("next", "output"):
            assert spot.line == len(d.layout.bands) - 1
            assert spot.x >= max(reached) - 0.5


def texts_and_boxes(figure):
    """Bounding boxes of all letters in a figure, in pixels."""
    renderer = figure.canvas.get_renderer()
    found = []
    for axes in figure.axes:
        for text in axes.texts:
            assert isinstance(text, Text)
            box = text.get_window_extent(renderer)
            found.append((text.get_text(), (box.x0, box.y0, box.x1, box.y1)))
    return found


def no_two_meet(figure):
    boxes = texts_and_boxes(figure)
    width, height = figure.get_size_inches() * figure.dpi
    for _, (left, low, right, high) in boxes:
        assert left >= -1
        assert low >= -1
        assert right <= width + 1
        assert high <= height + 1
    return [(a, b) for (a, x), (b, y) in combinations(boxes, 2) if meets(x, y, 0.5)]


@every_cell
@pytest.mark.sampled
def test_labels_do_not_overlap(name):
    with diagram_style():
        assert no_two_meet(diagram(name).draw()) == []


@pytest.mark.parametrize("name", ["peephole", "slstm", "mlstm", "rhn_three", "fgr", "strange", "heads", "functions"])
@pytest.mark.sampled
def test_labels_and_numbers_of_steps_do_not_overlap(name):
    with diagram_style():
        assert no_two_meet(diagram(name).draw_steps()) == []


@every_cell
def test_no_wire_runs_through_a_name(name):
    d = diagram(name)
    layout: Layout = d.layout
    for spot in layout.spots.values():
        if spot.node.kind in TERMINALS or not spot.node.name:
            continue
        label = (spot.x + spot.size.half + 0.05, spot.y + 0.03, spot.room[2], spot.room[3])
        assert not [
            w.net for w in layout.wires for s in segments(w) if meets(s, label, 0.005) and w.net != spot.node.id
        ]


def test_wires_that_change_places_do_not_lie_on_each_other():
    crossings = [Crossing("a", 1.0, (0.0, 2.0)), Crossing("b", 0.0, (0.5,)), Crossing("c", 0.5, (0.5,))]
    tracks = assign_tracks(crossings)
    assert overlaps(crossings, tracks) == []
    assert "c" not in tracks


def test_long_cells_are_broken_where_few_wires_run_on():
    d = diagram("rhn_three")
    assert len(d.layout.bands) == 2
    assert len(d.layout.continued) == 1
