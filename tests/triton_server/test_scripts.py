"""The script to copy, against a real server."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "triton_server" / "scripts" / "test_your_model.py"


@pytest.mark.triton
def test_a_copy_of_the_script_tries_a_model(triton, tmp_path):
    copy = shutil.copy(SCRIPT, tmp_path)

    def run(*arguments):
        servers = ["--http", triton.http, "--grpc", triton.grpc, "--repeats=1"]
        command = [sys.executable, copy, *servers, *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return ran.returncode, ran.stdout, ran.stderr

    code, out, err = run("rules", "--input", "text=He go home.")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["text: He go home.", "  corrected_text: He goes home."]
    assert [line.partition(":")[0] for line in out.splitlines()[-2:]] == ["HTTP", "gRPC"]
    code, out, err = run("nobody")
    assert (code, out) == (1, "")
    assert "unknown model: 'nobody'" in err
    code, out, err = run("rules", "--input", "nothing=1")
    assert (code, out) == (2, "")
    assert "rules has no input nothing" in err
