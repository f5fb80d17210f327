"""`python -m lsp_server.cli` is `grammared`."""

import sys

from lsp_server.cli import main

sys.exit(main())
