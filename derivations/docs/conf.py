"""The pages of this folder → the documentation's site, by Sphinx; it runs offline, and executes the notebooks.

sphinx-build -W derivations/docs site                               # all of it
sphinx-build -W -D nb_execution_mode=off derivations/docs site      # notebooks as they are committed
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from sphinx.util.logging import getLogger

sys.path.insert(0, str(Path(__file__).parent))

from gatedsym import __version__  # after the line above, which is for the extension

project = "gatedsym"
author = "The gatedsym authors"
project_copyright = "2026, the gatedsym authors"
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "site_pages", "reference_pages"]
exclude_patterns = ["**/README.md"]
default_role = "py:obj"
highlight_language = "none"
smartquotes = False
suppress_warnings = ["ref.python"]  # a word of a type, "states", that several classes have as a name

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]
myst_links_external_new_tab = False

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 300
nb_merge_streams = True
nb_output_stderr = "remove-warn"  # a warning in a notebook is one of the site
nb_execution_excludepatterns = [] if find_spec("torch") else ["live-torch-model.ipynb"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"gatedsym {version}"
html_static_path = ["site"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
templates_path = []


def leave_notebooks_as_they_are(app, config):
    """Say that notebooks are not run where there is no kernel; who has turned that off needs no word."""
    if config.nb_execution_mode != "off" and not find_spec("ipykernel"):
        config.nb_execution_mode = "off"
        getLogger("conf").warning(
            "notebooks need a kernel to run, and show no results here: pip install -e '.[notebook]', or say that they "
            "are not to be run, -D nb_execution_mode=off."
        )


def setup(app):
    """Connect what needs the settings of the command line."""
    app.connect("config-inited", leave_notebooks_as_they_are)
