"""Requests and answers as plain Python."""

import numpy as np

from triton_server.backend.requests import Request
from triton_server.backend.tasks.contract import CONTRACTS

NUMPY = {"BYTES": np.object_, "INT32": np.int32, "FP32": np.float32, "BOOL": np.bool_}


def request(task, **columns):
    """A request as Triton hands it over; a column is a value of one row, or a list of them."""
    kinds = {one.name: one.kind for one in CONTRACTS[task].inputs}
    inputs = {}
    for name, column in columns.items():
        rows = column if isinstance(column, list) else [column]
        values = [[value.encode() if isinstance(value, str) else value] for value in rows]
        inputs[name] = np.array(values, dtype=NUMPY[kinds[name]])
    return Request(inputs)


def values(answer, name):
    """The rows of an output: plain values, or lists of them."""
    rows = [[v.decode() if isinstance(v, bytes) else v for v in row] for row in answer[name].tolist()]
    return [row[0] if len(row) == 1 else row for row in rows]
