"""`python -m triton_server.export`: see `--help`."""

from triton_server.export.command import main

main()
