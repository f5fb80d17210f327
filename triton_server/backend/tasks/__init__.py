"""HuggingFace models on Triton: each task with its inputs, its outputs and the code that answers.

    contract.py      what goes in and comes out of each task; configuration, README and tests are made from it
    source.py        where a model comes from: a hub id or a folder, its revision, cache and number format
    hub.py           from a source to a folder on this machine; downloads once
    loading.py       from a folder to a tokenizer and a model; whatever is wrong is one line
    batches.py       tokens to forward passes: sorted by length, padded once
    <task>.py        rows in, answers out; no Triton, no tensors of Triton
    backend.py       requests to rows and answers to tensors, the same for every task

PyTorch and transformers are imported when a model is loaded, not before.
"""
