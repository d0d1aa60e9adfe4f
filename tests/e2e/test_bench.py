# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark still works. Nothing is said about speed."""

import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def test_the_benchmark_measures_smew(program, tmp_path):
    result = tmp_path / "result.json"
    done = subprocess.run(
        ["/usr/bin/python3", "-B", os.path.join(HERE, "../../bench/run"),
         "--smew", os.environ.get("SMEW_PLAIN") or program, "--sizes", "200",
         "--runs", "1", "--only", "open", "--wan", "--peers", "smew",
         "--cache", str(tmp_path / "cache"), "--json", str(result)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    values = {(value["program"], value["row"]): value["values"]
              for value in json.loads(result.read_text())["values"]}
    for program_name, row in (
            ("limit", "cold"), ("limit", "fill-bytes"), ("smew", "cold"),
            ("smew", "fill-bytes"), ("smew", "warm"), ("smew", "delta-seen"),
            ("smew", "memory")):
        assert values[program_name, row][0] > 0, (program_name, row)
    # The line has its delay: the flights of a cold open take their time.
    assert values["limit", "cold"][0] > 0.15
    assert values["limit", "cold-flights"] == [2]
    # All rows came: no compression makes less of 200 of them.
    assert values["smew", "fill-bytes"][0] > 200 * 50
    assert "| cold open: first screen, s |" in done.stdout
