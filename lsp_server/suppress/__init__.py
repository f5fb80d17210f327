"""What the user has silenced: words, findings, kinds and places."""

from lsp_server.suppress.fingerprint import fingerprint_of
from lsp_server.suppress.suppression import Suppression
from lsp_server.suppress.words import KnownWords, entry_for, known_words

__all__ = ["KnownWords", "Suppression", "entry_for", "fingerprint_of", "known_words"]
