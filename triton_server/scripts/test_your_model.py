"""Try a model on a running Triton, over HTTP and gRPC: a script to copy and change.

    python test_your_model.py NAME
    python test_your_model.py NAME --input text="Some text." --http http://host:8000 --grpc host:8001

It does what `grammared triton test` does, for any server that it can reach. It ends with 1 if the model
fails, or if its answers over HTTP and gRPC differ.
"""

from __future__ import annotations

import argparse
import sys

from triton_server.authoring.trial import NoAnswer, report, try_model
from triton_server.launcher.errors import LauncherError


def main() -> int:
    """Ask the model, and print what it says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", help="of the model")
    parser.add_argument("--http", default="http://127.0.0.1:8000", help="default: %(default)s")
    parser.add_argument("--grpc", default="127.0.0.1:8001", help="default: %(default)s")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=VALUE", help="to send")
    parser.add_argument("--repeats", type=int, default=5, help="how often each is sent; default: %(default)s")
    given = parser.parse_args()
    inputs = dict(one.split("=", 1) for one in given.input)

    try:
        answers = try_model(given.http, given.grpc, given.name, inputs, repeats=given.repeats)
    except NoAnswer as error:
        print(error, file=sys.stderr)
        return 1
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 2

    # What your model must say goes here, for example:
    # assert answers[0].outputs["corrected_text"] == "She goes to school every day."

    lines, are_alike = report(answers)
    print("\n".join(lines))
    return 0 if are_alike else 1


if __name__ == "__main__":
    sys.exit(main())
