"""The page in a browser, where there is one: images, formulas, colours and widths as a reader has them."""

import json
import re
import shutil
import subprocess

import pytest

from gatedsym import cell
from gatedsym.report.write import derivation_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next((path for name in BROWSERS if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"no browser is installed: none of {', '.join(BROWSERS)}")

# The page itself has no script; a copy with this one tells how it was laid out.
PROBE = """<script>addEventListener("load", () => {
const all = s => [...document.querySelectorAll(s)], style = getComputedStyle(document.body);
const box = e => { const r = e.getBoundingClientRect(); return [r.width, r.height]; };
parent.postMessage(JSON.stringify({
  width: innerWidth, scroll: document.documentElement.scrollWidth, images: all("img").map(i => i.naturalWidth),
  small: Math.min(...all("p, li, td, th, figcaption, pre, code, summary, a").map(
    e => parseFloat(getComputedStyle(e).fontSize))),
  wide: all("body *").filter(e => !e.closest(".scroll, pre, math") && box(e)[0] > innerWidth).map(e => e.tagName),
  hidden: all("body *").filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth
    && getComputedStyle(e).overflowX != "visible").map(e => { const s = getComputedStyle(e), n = e.nextElementSibling;
      const shade = (s.backgroundImage.match(/gradient/g) || []).length == 4 && !e.querySelector("img");
      const words = n && n.className == "hint" && getComputedStyle(n).display != "none";
      return [e.tagName, e.className, s.overflowX, shade || Boolean(words)]; }),
  told: all(".hint").filter(e => getComputedStyle(e).display != "none").length,
  soft: all(".soft, figcaption, a").map(e => getComputedStyle(e).color),
  fractions: all("mfrac").map(box), formulas: all("math").map(box), letters: parseFloat(style.fontSize),
  ink: style.color, paper: style.backgroundColor }), "*"); })</script>"""

# Windows have a least width, frames have none.
FRAME = """<!DOCTYPE html><title>frame</title><iframe style="border: 0; width: WIDTHpx; height: 900px"></iframe><script>
addEventListener("message", e => {
  const answer = document.createElement("script");
  answer.type = "application/json"; answer.id = "probe"; answer.textContent = e.data;
  document.body.append(answer); });
document.querySelector("iframe").srcdoc = PAGE;</script>"""


def look(path, width, dark):
    """What the browser says of a page: its probe, and its complaints."""
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
               f"--window-size={width},900", f"--blink-settings=preferredColorScheme={0 if dark else 1}",
               "--virtual-time-budget=5000", "--dump-dom", path.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'id="probe">(.*?)</script>', done.stdout, re.S)
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(found[1]) if found else {}, complaints


def luminance(color):
    channels = [int(c) / 255 for c in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, two):
    bright, dim = sorted((luminance(one), luminance(two)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.fixture
def probed(report, tmp_path, width):
    """The page in a frame of a width."""
    shutil.copytree(report[0] / "figures", tmp_path / "figures")
    return framed((report[0] / "index.html").read_text("utf-8"), width, tmp_path)


def framed(page, width, folder):
    """A file that shows a page in a frame of a width and tells how it is laid out."""
    page = page.replace("</body>", f"{PROBE}</body>")
    frame = FRAME.replace("WIDTH", str(width)).replace("PAGE", json.dumps(page).replace("</", r"<\/"))
    (folder / "frame.html").write_text(frame, encoding="utf-8")
    return folder / "frame.html"


@pytest.fixture(scope="session")
def other_pages(report):
    """The errata and a derivation, whole."""
    derivation = derivation_page(cell("lstm"))
    return {"errata": (report[0] / "errata.html").read_text("utf-8"), "derivation": derivation}


@pytest.mark.parametrize("which", ["index", "errata", "derivation"])
@pytest.mark.parametrize("width", [400, 800, 1400])
@pytest.mark.long
def test_nothing_is_out_of_sight_without_a_hint(report, other_pages, tmp_path, which, width):
    page = (report[0] / "index.html").read_text("utf-8") if which == "index" else other_pages[which]
    if which == "index":
        shutil.copytree(report[0] / "figures", tmp_path / "figures")
    seen, complaints = look(framed(page, width, tmp_path), 1500, dark=False)
    assert complaints == []
    assert seen["scroll"] <= seen["width"] == width
    for tag, name, overflow, hinted in seen["hidden"]:
        assert (overflow, hinted) == ("auto", True), (tag, name)
    if width == 400:
        assert seen["hidden"] or which == "errata"
    assert (seen["told"] > 0) == (which == "index" and width == 400)


@pytest.mark.long
def test_the_console_stays_empty(report):
    assert look(report[0] / "index.html", 1400, dark=False)[1] == []


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.long
def test_images_load_formulas_are_set_and_the_page_is_readable(probed, width, dark):
    seen, complaints = look(probed, 1500, dark)
    assert complaints == []
    assert seen["width"] == width
    assert seen["images"]
    assert all(width > 0 for width in seen["images"])
    assert seen["formulas"]
    assert all(w > 0 and h > 0 for w, h in seen["formulas"])
    # A fraction that is set stands higher than a line of text.
    assert min(h for _, h in seen["fractions"]) > 1.2 * seen["letters"]
    assert seen["scroll"] <= seen["width"]
    assert seen["wide"] == []
    assert seen["letters"] >= 14
    assert seen["small"] >= 11
    # Contrast as WCAG 2 asks for: level AAA for the text, level AA for what is set in a softer colour.
    assert contrast(seen["ink"], seen["paper"]) > 7
    assert all(contrast(color, seen["paper"]) > 4.5 for color in set(seen["soft"]))
    assert (luminance(seen["paper"]) < 0.2) == dark
