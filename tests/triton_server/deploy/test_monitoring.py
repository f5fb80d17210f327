"""Alerts, dashboard and autoscaling ask for metrics that a real Triton has."""

import json
import re
import subprocess
import urllib.request
from pathlib import Path

import promql_parser
import pytest
import yaml

from triton_server.backend.metrics import COUNTERS, INFO
from triton_server.launcher import http

DEPLOY = Path(__file__).parents[3] / "triton_server" / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
[ALERTS] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
ALERT_TESTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts_test.yml").read_text(encoding="utf-8"))
ADAPTER = yaml.safe_load(
    (DEPLOY / "kubernetes" / "monitoring" / "prometheus-adapter-values.yaml").read_text()
)

OF_PROMETHEUS = {"up", "ALERTS"}
"""Made by Prometheus itself."""
OF_SCRAPING = {"instance", "job", "namespace", "pod"}
"""Labels that Prometheus adds."""


def filled(expression):
    """With Grafana's variables and the adapter's templates in place."""
    expression = expression.replace("$__rate_interval", "1m").replace("<<.LabelMatchers>>", 'pod="a"')
    return re.sub(r"\$(instance|model)", ".*", expression.replace("<<.GroupBy>>", "pod"))


def all_expressions():
    variables = [one["definition"] for one in DASHBOARD["templating"]["list"] if one["type"] == "query"]
    return [
        *(rule["expr"] for rule in ALERTS["rules"]),
        *(target["expr"] for panel in PANELS for target in panel["targets"]),
        *(one["expr"] for one in DASHBOARD["annotations"]["list"]),
        *(re.match(r"label_values\((.*), \w+\)", one)[1] for one in variables),
        *(rule[key] for rule in ADAPTER["rules"]["custom"] for key in ("seriesQuery", "metricsQuery")),
    ]


def selectors():
    """Every metric that is asked for, with the labels it is chosen by."""
    found = {}

    def visit(node):
        if isinstance(node, promql_parser.VectorSelector):
            found.setdefault(node.name, set()).update(one.name for one in node.matchers.matchers)
        return True

    for expression in all_expressions():
        promql_parser.walk(promql_parser.parse(filled(expression)), visit)
    return found


def test_every_expression_is_promql():
    assert len(all_expressions()) > 40
    assert {"nv_inference_queue_duration_us", "grammared_windowed_total", "up"} <= set(selectors())


def test_all_our_own_metrics_are_on_the_dashboard():
    assert {f"grammared_{name}_total" for name in COUNTERS} | {INFO} <= set(selectors())


@pytest.fixture(scope="module")
def metrics(triton):
    """The labels of each metric of a real server, after inferences of the bundled model."""
    http.probe(triton.http, "gector_distilbert")
    address = f"http://127.0.0.1:{triton.metrics_port}/metrics"
    with urllib.request.urlopen(address, timeout=10) as response:
        lines = response.read().decode().splitlines()
    samples = [re.match(r"(\w+)(?:\{(.*)\})? ", line) for line in lines if not line.startswith("#")]
    return {one[1]: set(re.findall(r'(\w+)="', one[2] or "")) for one in samples}


@pytest.mark.triton
def test_every_metric_and_label_exists_on_a_real_server(metrics, triton_data):
    # Some are there only with a GPU or a response cache, but the server's library knows them, though the
    # compiler keeps long names in pieces of 16 bytes.
    library = next((triton_data / "triton").glob("lib/*/site-packages/nvidia_pytriton.libs/libtritonserver*"))
    known = library.read_bytes()
    for name, labels in selectors().items():
        if name.startswith(("nv_gpu_", "nv_cache_")):
            assert name[:16].encode() in known
        elif name not in OF_PROMETHEUS:
            assert name in metrics
            assert labels <= metrics[name] | OF_SCRAPING


@pytest.mark.triton
def test_a_dead_model_shows_as_the_alert_expects(start_triton, kill_stub):
    """Failures that count for ModelIsDead, and no success."""
    started, _ = start_triton("rules", metrics_port=0)
    kill_stub(started.server.pid, "rules")
    before = counted(started.server)
    for _ in range(3):
        with pytest.raises(http.HttpError, match="not healthy"):
            http.probe(started.server.http, "rules")
    after = counted(started.server)
    while sum(after.values()) - sum(before.values()) < 3:  # Triton answers before it counts
        after = counted(started.server)
    assert after["success"] == before["success"]
    assert sum(after.values()) - sum(before.values()) == 3
    assert after["CANCELED"] == after["REJECTED"] == 0


def counted(server):
    """Requests by what became of them."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10) as response:
        text = response.read().decode()
    found = re.findall(
        r'nv_inference_request_(success|failure)\{model="rules",(?:reason="(\w+)",)?.*\} (\d+)', text
    )
    return {reason or kind: int(number) for kind, reason, number in found}


def checked(*command):
    """What one of Prometheus' own programs says, which must be well content."""
    ran = subprocess.run(command, cwd=DEPLOY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.mark.slow
def test_promtool_takes_the_alerts_and_sees_each_fire_when_it_should():
    rules = "prometheus/alerts.yml"
    assert "10 rules found" in checked("promtool", "check", "rules", "--lint=all", "--lint-fatal", rules)
    assert "SUCCESS" in checked("promtool", "test", "rules", "prometheus/alerts_test.yml")


@pytest.mark.slow
def test_promtool_takes_the_rules_of_the_operator(tmp_path):
    [rule] = yaml.safe_load_all((DEPLOY / "kubernetes" / "operator" / "prometheusrule.yaml").read_text())
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rule["spec"]))
    assert "10 rules found" in checked("promtool", "check", "rules", tmp_path / "rules.yml")


@pytest.mark.slow
def test_promtool_takes_the_configuration(tmp_path):
    good = "is valid prometheus config file"
    assert good in checked("promtool", "check", "config", "prometheus/prometheus.yml")
    # Debian's is built without the discovery of pods: the rest of the cluster's job is checked.
    job = yaml.safe_load((DEPLOY / "kubernetes" / "monitoring" / "prometheus-scrape.yaml").read_text())
    assert job["scrape_configs"][0].pop("kubernetes_sd_configs")
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(job))
    assert good in checked("promtool", "check", "config", tmp_path / "prometheus.yml")


@pytest.mark.slow
def test_amtool_takes_the_configuration_and_every_alert_has_its_receiver(tmp_path):
    file = DEPLOY / "alertmanager" / "alertmanager.yml"
    assert "SUCCESS" in checked("amtool", "check-config", file)
    for severity in {rule["labels"]["severity"] for rule in ALERTS["rules"]}:
        command = ("amtool", "config", "routes", "test", f"--config.file={file}")
        checked(*command, f"--verify.receivers={severity}", f"severity={severity}", "instance=one:8002")
    # The receivers that are offered in comments can be taken as they stand.
    offered, count = re.subn(r"^( +)# (webhook|email)", r"\1\2", file.read_text(), flags=re.MULTILINE)
    (tmp_path / "alertmanager.yml").write_text(offered)
    assert count == 2
    assert "SUCCESS" in checked("amtool", "check-config", tmp_path / "alertmanager.yml")


@pytest.mark.parametrize("alert", ALERTS["rules"], ids=lambda alert: alert["alert"])
def test_every_alert_is_tested_both_ways(alert):
    """By promtool, with alerts_test.yml."""
    cases = [case for test in ALERT_TESTS["tests"] for case in test["alert_rule_test"]]
    of_alert = [bool(case["exp_alerts"]) for case in cases if case["alertname"] == alert["alert"]]
    assert set(of_alert) == {True, False}


@pytest.mark.parametrize("alert", ALERTS["rules"], ids=lambda alert: alert["alert"])
def test_every_alert_says_what_is_wrong_and_what_to_do(alert):
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert set(alert["annotations"]) == {"summary", "description"}


def test_panels_have_their_own_place_and_number():
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


def test_panels_say_what_they_show():
    assert all(panel["title"] and panel["description"].endswith(".") for panel in PANELS)


def test_grafana_finds_prometheus_and_the_dashboard():
    [source] = yaml.safe_load((DEPLOY / "grafana" / "datasource.yml").read_text())["datasources"]
    [provider] = yaml.safe_load((DEPLOY / "grafana" / "dashboards.yml").read_text())["providers"]
    services = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())["services"]
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in services
    folder = provider["options"]["path"]
    assert f"./grafana/dashboard.json:{folder}/dashboard.json:ro" in services["grafana"]["volumes"]
    [scraped] = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    assert scraped["job_name"] == "triton"
    assert scraped["static_configs"] == [{"targets": ["triton:8002"]}]
    assert services["triton-gpu"]["networks"]["default"]["aliases"] == ["triton"]


def test_alertmanager_knows_whom_it_tells():
    config = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.yml").read_text())
    receivers = {one["name"] for one in config["receivers"]}
    routes = [config["route"], *config["route"]["routes"]]
    assert {one["receiver"] for one in routes} == receivers
    told = {one["receiver"] for one in config["route"]["routes"]}
    assert told == {rule["labels"]["severity"] for rule in ALERTS["rules"]}
    [rule] = config["inhibit_rules"]
    assert "TritonDown" in rule["source_matchers"][0]
    assert "TritonDown" in {one["alert"] for one in ALERTS["rules"]}


def test_prometheus_finds_alertmanager():
    services = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())["services"]
    told = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["alerting"]
    assert told["alertmanagers"] == [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]
    assert services["alertmanager"]["profiles"] == ["alerts"]
    assert services["alertmanager"]["volumes"][0].endswith(":/etc/alertmanager/alertmanager.yml:ro")
