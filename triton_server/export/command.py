"""The command line of `triton_server.export`."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from triton_server.gector.types import GectorError


def main() -> None:
    """Run it; an error is one line on stderr and exit code 2."""
    parser = argparse.ArgumentParser(prog="python -m triton_server.export", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    gector = commands.add_parser("gector", help="a GECToR model from PyTorch to ONNX")
    gector.add_argument("model", help="folder, or OWNER/NAME on the Hugging Face hub")
    gector.add_argument("out", type=Path, help="the new model folder")
    gector.add_argument("--int8", action="store_true", help="quantise the weights to 8 bits")
    back = commands.add_parser("dequantise", help="an 8-bit ONNX model back to fp32 weights for PyTorch")
    back.add_argument("model", type=Path, help="folder of a model made by: gector --int8")
    back.add_argument("out", type=Path, help="the new model folder")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)  # the exporter tells of every node that it touches
    try:
        if arguments.command == "gector":
            from triton_server.export.gector import export

            made = export(arguments.model, arguments.out, int8=arguments.int8)
        else:
            from triton_server.export.dequantise import dequantise

            made = dequantise(arguments.model, arguments.out)
    except GectorError as error:
        parser.exit(2, f"{error}\n")
    except ModuleNotFoundError as error:
        parser.exit(
            2, f"This needs {error.name}: in the folder of Grammared's source, pip install '.[train]'\n"
        )
    sys.stderr.write(f"Wrote {made}\n")
