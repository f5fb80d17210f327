"""`grammared train …`: make training data, train a model on it, and choose its thresholds."""

from __future__ import annotations

import random
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lsp_server.errors import GrammaredError
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from triton_server.training.train import Report

_NEEDED = ("torch", "transformers", "lemminflect", "onnx", "onnxscript")
"""Of the extra `train`."""

existing = click.Path(exists=True, dir_okay=False, path_type=Path)
new_file = click.Path(dir_okay=False, path_type=Path)
folder = click.Path(file_okay=False, path_type=Path)
model_folder = click.Path(exists=True, file_okay=False, path_type=Path)
out_option = click.option("--out", type=new_file, required=True, help="The new file; .gz or .xz packs it.")
seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="The same one makes the same mistakes."
)
errors_option = click.option(
    "--errors", type=existing, help="Kinds of mistakes and their weights.  [default: those that come with it]"
)


@click.group()
def train() -> None:
    """Make training data, train a GECToR model on it, and choose its thresholds."""
    missing = next((one for one in _NEEDED if find_spec(one) is None), None)
    if missing:
        raise GrammaredError(
            f"training needs {missing}: in the folder of Grammared's source, pip install '.[train]'"
        )


@contextmanager
def _errors_for_people() -> Iterator[None]:
    try:
        yield
    except GectorError as error:
        raise GrammaredError(str(error)) from error


@train.command()
@click.argument("texts", nargs=-1, required=True, type=existing)
@out_option
def sentences(texts: tuple[Path, ...], out: Path) -> None:
    """Cut texts into sentences and words, a sentence a line.

    A paragraph ends with an empty line. What is no prose, and what comes twice, is left out.
    """
    from triton_server.training.collect import sentences_of
    from triton_server.training.texts import write_sentences

    with _errors_for_people():
        count = write_sentences(out, (words for text in texts for words in sentences_of(text)))
    click.echo(f"{count:,} sentences: {out}")


@train.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--targets", type=existing, help="The corrected sentences, line by line those of one SOURCE.")
@click.option("--annotator", help="Whose corrections of an M2 file count.  [default: the first]")
@click.option(
    "--suffix", multiple=True, help="In a git repository, files to look at, such as .md; again for more."
)
@click.option(
    "--critic", type=model_folder, help="Keep only pairs in whose second sentence this model sees less fault."
)
@out_option
def pairs(
    sources: tuple[Path, ...],
    targets: Path | None,
    annotator: str | None,
    suffix: tuple[str, ...],
    critic: Path | None,
    out: Path,
) -> None:
    """Collect pairs of sentences, as written and as corrected.

    A SOURCE is an M2 file, a pairs file, a file with a sentence a line (with --targets), or a git repository,
    whose history holds what was put right.
    """
    from triton_server.gector.onnx_model import onnx_tagger
    from triton_server.training.collect import improving, pairs_of_m2, pairs_of_parallel
    from triton_server.training.histories import SUFFIXES, mine
    from triton_server.training.texts import Pair, read_pairs, write_pairs

    if targets and len(sources) != 1:
        raise click.UsageError("--targets goes with one SOURCE")

    def found() -> Iterator[Pair]:
        for source in sources:
            if targets:
                yield from pairs_of_parallel(source, targets)
            elif source.is_dir():
                yield from mine(source, source.resolve().name, suffix or SUFFIXES)
            elif source.suffix == ".m2":
                yield from pairs_of_m2(source, annotator)
            else:
                yield from read_pairs([source])

    with _errors_for_people():
        kept = improving(found(), onnx_tagger(critic)) if critic else found()
        count = write_pairs(out, kept)
    click.echo(f"{count:,} pairs: {out}")


@train.command()
@click.argument("sentences", nargs=-1, required=True, type=existing)
@click.option("--rates", default="people", show_default=True, help="How many mistakes: people or dense.")
@errors_option
@click.option(
    "--tagger",
    type=model_folder,
    help="A model trained with `reverse = true` makes the mistakes.  [default: rules]",
)
@seed_option
@out_option
def corrupt(
    sentences: tuple[Path, ...],
    rates: str,
    errors: Path | None,
    tagger: Path | None,
    seed: int,
    out: Path,
) -> None:
    """Put mistakes into right sentences: a file of pairs, to look at or to train on."""
    from triton_server.training.corrupt import corrupt as corrupted
    from triton_server.training.errors import DEFAULT, load_errors
    from triton_server.training.texts import Pair, read_sentences, write_pairs

    rng = random.Random(seed)
    with _errors_for_people():
        kinds = load_errors(errors or DEFAULT)
        if rates not in kinds.rates:
            raise click.UsageError(f"there are no rates {rates}: known are {', '.join(kinds.rates)}")
        right = read_sentences(sentences)
        if tagger:
            from triton_server.training.reverse import ReverseTagger, pairs_of_reverse_tagger

            made = pairs_of_reverse_tagger(ReverseTagger(tagger), right, kinds, rng, rates)
        else:
            made = (Pair(corrupted(words, kinds, rng, rates), words) for words in right)
        count = write_pairs(out, made)
    click.echo(f"{count:,} pairs: {out}")


@train.command()
@click.argument("pairs", nargs=-1, required=True, type=existing)
@out_option
def label(pairs: tuple[Path, ...], out: Path) -> None:
    """Write the labels of pairs: each pass a line of WORD|LABEL, an empty line after each pair."""
    from triton_server.gector.types import START
    from triton_server.training.label import applied, passes_of
    from triton_server.training.texts import open_text, read_pairs

    count = 0
    with _errors_for_people(), open_text(out, "w") as file:
        for pair in read_pairs(pairs):
            words = pair.source
            for labels in passes_of(pair.source, pair.target):
                file.write(
                    " ".join(f"{w}|{one}" for w, one in zip((START, *words), labels, strict=True)) + "\n"
                )
                words = applied(words, labels)
            file.write("\n")
            count += 1
    click.echo(f"{count:,} pairs: {out}")


@train.command()
@click.argument("plan", type=existing)
@click.argument("out", type=folder)
@click.option(
    "--export/--no-export", default=True, show_default=True, help="Write an 8-bit ONNX model as well."
)
def model(plan: Path, out: Path, export: bool) -> None:
    """Train as a PLAN says, stage by stage; run again, it goes on where it was interrupted.

    OUT/model is the result, ready for `--model`, with thresholds still those of the model that it began with:
    `grammared train tune` measures new ones.
    """
    from triton_server.export.formats import quiet
    from triton_server.export.gector import export as to_onnx
    from triton_server.training.plan import read_plan, run_plan

    def report(stage: int, line: Report) -> None:
        left = (line.minutes / line.progress - line.minutes) if line.progress else 0.0
        click.echo(
            f"stage {stage}, step {line.step}: {line.progress:4.0%}, {left:.0f} minutes left, "
            f"{line.subwords_per_second:,.0f} sub-words/s, loss {line.loss:.3f}, "
            f"precision {line.precision:.2f}, recall {line.recall:.2f}",
            err=True,
        )

    with _errors_for_people():
        result = run_plan(read_plan(plan), out, report)
        if export:
            click.echo("exporting to ONNX", err=True)
            with quiet():
                result = to_onnx(result, out / "model", int8=True)
    click.echo(f"wrote {result}")


@train.command()
@click.argument("models", nargs=-1, required=True, type=model_folder)
@click.option("--out", type=folder, required=True, help="The new model folder.")
def average(models: tuple[Path, ...], out: Path) -> None:
    """Write the mean of the weights of some models of one shape."""
    from triton_server.training.average import average as mean

    with _errors_for_people():
        click.echo(f"wrote {mean(models, out)}")


@train.command()
@click.argument("model", type=model_folder)
@click.option(
    "--pairs", "pair_files", type=existing, multiple=True, required=True, help="People's corrections."
)
@click.option(
    "--clean",
    type=existing,
    multiple=True,
    required=True,
    help="Right sentences, of the kind that is checked.",
)
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True, help="Of the model.")
@click.option(
    "--write/--dry-run", default=True, show_default=True, help="Write the thresholds into config.json."
)
@click.option(
    "--alone",
    is_flag=True,
    help="Spelling and patterns put nothing right before the model reads.",
)
def tune(
    model: Path,
    pair_files: tuple[Path, ...],
    clean: tuple[Path, ...],
    threads: int,
    write: bool,
    alone: bool,
) -> None:
    """Choose thresholds for each strictness and kind of label, and say what they give.

    MODEL is a folder with an ONNX model. As in a check, it reads sentences in which spelling and patterns
    have put right what they are sure of, and the figures are those of all three. They are by labels of the
    first pass, which come out lower than ERRANT's.
    """
    from lsp_server.proposers import put_right
    from triton_server.gector.onnx_model import onnx_tagger
    from triton_server.training.texts import read_pairs, read_sentences
    from triton_server.training.tune import tune as tuned
    from triton_server.training.tune import write_thresholds

    with _errors_for_people():
        found = tuned(
            onnx_tagger(model, threads=threads),
            [*read_pairs(pair_files)],
            [*read_sentences(clean)],
            put_right=None if alone else put_right,
        )
        click.echo("strictness  min. error      P      R   F0.5   alarms per 1,000 clean words")
        for strictness, one in found.items():
            click.echo(
                f"{strictness:10}{one.min_error_prob:12.2f}{100 * one.precision:7.1f}{100 * one.recall:7.1f}"
                f"{100 * one.f05:7.1f}{one.alarms:9.2f}"
            )
        if write:
            write_thresholds(model, found)
            click.echo(f"wrote {model / 'config.json'}")


@train.command()
@click.argument("training", type=model_folder)
@click.option("--out", type=new_file, default="training.svg", show_default=True, help="The picture.")
def plot(training: Path, out: Path) -> None:
    """Draw a picture (SVG) of how a TRAINING went: loss, precision and recall, learning rate.

    TRAINING is a folder of `grammared train model`; it may still be running.
    """
    from triton_server.training.plot import plot as drawn
    from triton_server.training.texts import open_text

    with _errors_for_people():
        picture = drawn(training)
        with open_text(out, "w") as file:
            file.write(picture)
    click.echo(f"wrote {out}")


@train.command()
@click.argument("training", type=model_folder)
@click.argument("model", type=model_folder)
@click.option("--licence", required=True, help="Of the model, such as Apache-2.0.")
@click.option("--data", type=existing, help="Markdown about the data: sources and their licences.")
@click.option("--figures", type=existing, help="Markdown with an evaluation.")
def card(training: Path, model: Path, licence: str, data: Path | None, figures: Path | None) -> None:
    """Print a model card, in Markdown, from what a TRAINING has written down.

    MODEL is the folder that it tells of, with thresholds from `grammared train tune` and what they gave.
    """
    from triton_server.training.card import card as written
    from triton_server.training.texts import read_lines

    def text(path: Path | None) -> str | None:
        return "\n".join(read_lines(path)) if path else None

    with _errors_for_people():
        told = written(training, model, licence=licence, data=text(data), figures=text(figures))
    click.echo(told, nl=False)


@train.command()
@click.argument("model", type=model_folder)
@click.argument("out", type=folder)
@click.option(
    "--pairs", "pair_files", type=existing, multiple=True, required=True, help="For sentences as written."
)
@click.option("--clean", type=existing, multiple=True, required=True, help="Right sentences.")
@click.option(
    "--layer", type=click.IntRange(1), multiple=True, help="After which there is an exit.  [default: 4]"
)
@click.option(
    "--lost",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.01,
    show_default=True,
    help="Share of corrections that may get lost.",
)
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True, help="Of the model.")
@seed_option
def exits(
    model: Path,
    out: Path,
    pair_files: tuple[Path, ...],
    clean: tuple[Path, ...],
    layer: tuple[int, ...],
    lost: float,
    threads: int,
    seed: int,
) -> None:
    """Let sentences that are surely right leave the model early, which makes it faster.

    MODEL is a folder with an 8-bit ONNX model, OUT the new one. The encoder stays as it is; small heads learn
    when the rest of it would change nothing.
    """
    from triton_server.export.exit_training import LAYERS, train_exits
    from triton_server.training.texts import read_pairs, read_sentences

    def report(done: int, total: int) -> None:
        click.echo(f"{done:,} of {total:,} sentences", err=True)

    with _errors_for_people():
        sentences = [*(pair.source for pair in read_pairs(pair_files)), *read_sentences(clean)]
        random.Random(seed).shuffle(sentences)
        trained = train_exits(
            model, out, sentences, layers=layer or LAYERS, lost=lost, threads=threads, report=report
        )
        click.echo("after layer   threshold   of all words leave   of all corrections get lost")
        for one in trained:
            click.echo(f"{one.layer:11}{one.threshold:12.3f}{one.left:21.1%}{one.lost:30.1%}")
        click.echo(f"wrote {out}")
