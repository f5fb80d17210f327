"""The page that shows what is read of each kind of text is made from the fixtures, and shows every kind."""

import importlib.util
from pathlib import Path

from lsp_server.prose.languages import LANGUAGES

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_is_current():
    spec = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)

    assert (DOCS / "kinds-of-text.md").read_text(encoding="utf-8") == gallery.page(), (
        "run python docs/make_gallery.py"
    )
    assert set(gallery.SHOWN) <= set(LANGUAGES)
    assert set(gallery.SHOWN) >= {path.parent.name for path in gallery.FIXTURES.glob("*/*.blocks")}
