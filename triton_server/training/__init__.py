"""Training: from text and corrections to a GECToR model with thresholds.

    texts       sentences and pairs of them, as files
    collect     text, M2, parallel files → those;  histories: git repositories → pairs
    errors      the mistakes that a sentence offers (`errors.toml`);  corrupt: some of them made
    label       a pair → labels, pass by pass
    examples    batches, made by worker processes
    train       the training itself;  plan: its stages, from a file
    average     the mean of models
    tune        thresholds for each strictness and group of labels

Each step is a command of `grammared train`; `docs/training.md` is the guide. Needs the extra `train`.
"""
