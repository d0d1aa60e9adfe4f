# SPDX-License-Identifier: GPL-3.0-or-later
"""A short session under valgrind. SMEW_PLAIN names a build without
sanitizers; without it the test is left out."""

import os

import pytest
from client import Client

ARGUMENTS = ["valgrind", "-q", "--error-exitcode=97", "--leak-check=no",
             "--child-silent-after-fork=yes",
             "--suppressions=" + os.path.join(
                 os.path.dirname(__file__), "../lib/valgrind.supp")]


@pytest.mark.size(20)
def test_session_is_silent(server, tmp_path):
    program = os.environ.get("SMEW_PLAIN", "")
    if not os.access(program, os.X_OK):
        pytest.skip("SMEW_PLAIN is not set")
    log = tmp_path / "valgrind"
    client = Client(program, tmp_path, server.tunnel)
    with client.start(prefix=ARGUMENTS + ["--log-file=%s" % log]) as screen:
        screen.wait_for(lambda s: s.current(), 120)
        screen.send("\r")
        screen.wait_for("Subject: ", 120)
        server.deliver(b"Subject: under glass\n\nx\n")
        screen.wait_for("Msgs:21", 60)
        screen.send("q")
        screen.settle(1)
        screen.send("q")
        status = screen.wait_exit(60)
    assert not log.read_text(), log.read_text()
    assert status == 0
