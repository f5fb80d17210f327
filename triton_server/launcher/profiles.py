"""Presets for how a model is served, each saying in the generated `config.pbtxt` what it does and why.

What they do on a machine is measured by benchmarks/triton_clients.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from triton_server.backend import adapter
from triton_server.launcher import repository
from triton_server.launcher.config import TURN, ModelConfig, Queue, serving

if TYPE_CHECKING:
    from collections.abc import Iterable

Profile = Literal["latency", "throughput", "cpu", "gpu", "multi-gpu"]
GPU_PROFILES = ("gpu", "multi-gpu")

_CACHE_BYTES = 64 * 1024 * 1024
"""Of the response cache: some 50,000 answers to a sentence."""
_NEVER_CACHED = (
    "But not from this model: a text may be sampled, and who asks again wants another one. The cache\n"
    "knows requests, not which of them are sampled."
)
_THREADS = 4
"""Of one instance in the profile cpu: a batch of sentences gains little from more."""


@dataclass(frozen=True, slots=True)
class Preset:
    """How a model is served."""

    queue: Queue
    device: Literal["cpu", "gpu"] = "cpu"
    instances: int = 1
    rows: int = 0
    """Most in one forward pass; a profile leaves that to the model."""


def usual(task: str, device: Literal["cpu", "gpu"]) -> Preset:
    """How a model of a task is served where neither a profile nor anything else says how."""
    if task != "gector":
        return Preset(Queue(), device, rows=32)
    about = (
        "While somebody types, others may send whole files. Typing goes first, and waits for one batch\n"
        "at most: so batches are small. Of two instances one is free sooner, and a lone one with priorities\n"
        "may be left idle by Triton 2.51 for up to half a second."
    )
    return Preset(Queue(about, priorities=True), device, instances=2, rows=64 if device == "gpu" else 16)


def preset(profile: Profile, cores: int | None = None) -> Preset:
    """What `profile` sets on a machine with so many processor cores; None asks the machine."""
    cores = cores or adapter.cores()
    if profile == "latency":
        about = (
            "Profile latency: for a few people who type. One instance uses all cores, so that a lone\n"
            "request is done soonest; nobody waits for company. The queue has no limits and no priorities:\n"
            "with either, Triton 2.51 may let a lone instance stand idle for up to half a second."
        )
        return Preset(Queue(about))
    if profile == "throughput":
        about = (
            "Profile throughput: for many clients, or whole folders. Two instances share the cores, so that\n"
            "one computes while the other's answers go out; a short wait fills their batches. The queue is\n"
            "long, and equal requests (files that did not change) come from the cache."
        )
        queue = Queue(about, delay=2_000, most=4096, timeout=60_000_000, priorities=True, cached=True)
        return Preset(queue, instances=min(2, cores))
    if profile == "cpu":
        instances = min(cores, max(2, cores // _THREADS))
        about = (
            f"Profile cpu: several models on one machine without a GPU, here with {cores} cores, which the\n"
            "instances share. Models take turns, so that they do not fight for them (on a server that was\n"
            "started with --rate-limit=execution_count)."
        )
        return Preset(Queue(about, priorities=True, in_turn=True), instances=instances)
    where = "every GPU, or those in gpus" if profile == "multi-gpu" else "one GPU"
    about = (
        f"Profile {profile}: two instances on {where}, so that one computes while the other\n"
        "reads and writes. A GPU takes a batch in little more time than one sentence: requests wait for\n"
        "company, and equal ones come from the cache."
    )
    queue = Queue(about, delay=2_000, most=4096, timeout=30_000_000, priorities=True, cached=True)
    return Preset(queue, device="gpu", instances=2)


def profiled(config: ModelConfig, profile: Profile, cores: int | None = None) -> ModelConfig:
    """The configuration with a profile's settings.

    A model without a parameter "threads" only asks others (a pipeline): it gets the queue, and never takes
    turns, because the model that it asks could then never have one.
    """
    chosen = preset(profile, cores)
    queue = chosen.queue
    if queue.cached and (config.decoupled or _generates(config)):
        queue = replace(queue, cached=False, about=f"{queue.about}\n{_NEVER_CACHED}")
    if "threads" not in config.parameters:
        return replace(config, queue=replace(queue, in_turn=False))
    one_gpu = config.gpus[:1] or (0,)
    return replace(
        config,
        queue=queue,
        device=chosen.device,
        instances=chosen.instances,
        gpus={"gpu": one_gpu, "multi-gpu": config.gpus}.get(profile, ()),
        parameters={**config.parameters, "threads": ("0", config.parameters["threads"][1])},
    )


def _generates(config: ModelConfig) -> bool:
    """Whether equal requests may get different answers, because a request may ask for them to be sampled."""
    task, _ = config.parameters.get("task", ("", ""))
    return task == "text-generation"


def apply(config: Any, profile: Profile) -> None:
    """Change an `inference.ModelConfig`, as `repository.read` gives it, to a profile."""
    groups = config.instance_group
    own = ModelConfig(
        config.name,
        about="",
        inputs=(),
        outputs=(),
        instances=groups[0].count if groups else 1,
        device="gpu" if groups and groups[0].kind == groups[0].KIND_GPU else "cpu",
        gpus=tuple(groups[0].gpus) if groups else (),
        decoupled=config.model_transaction_policy.decoupled,
        parameters={key: (one.string_value, "") for key, one in config.parameters.items()},
    )
    changed = profiled(own, profile)
    for name in ("dynamic_batching", "instance_group", "response_cache"):
        config.ClearField(name)
    config.MergeFrom(repository.parse("\n".join(serving(changed))))
    for key, (value, _) in changed.parameters.items():
        config.parameters[key].string_value = value


def server_options(configs: Iterable[Any]) -> list[str]:
    """What tritonserver must be told for these `inference.ModelConfig`s: a cache, that models take turns."""
    listed = list(configs)
    cached = any(config.response_cache.enable for config in listed)
    in_turn = [
        group.count for config in listed for group in config.instance_group if group.rate_limiter.resources
    ]
    turns = ["--rate-limit=execution_count", f"--rate-limit-resource={TURN}:{max(in_turn, default=0)}"]
    return [
        *([f"--cache-config=local,size={_CACHE_BYTES}"] if cached else []),
        *(turns if in_turn else []),
    ]
