# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, the configuration and its errors, languages."""

import os
import re

import pytest
from client import Client
from dovecot import Dovecot


def test_wrong_line_names_file_and_line(client, server):
    client.write(server.tunnel, "set index_fromat = x\nbind index\n"
                 "set sleep_time = 0\nfrobnicate\n")
    done = client.run("--check-config")
    assert done.returncode == 1
    lines = done.stdout.strip().split("\n")
    where = [re.match(r"(.*):(\d+): (error|note): (.*)", l) for l in lines]
    assert all(where)
    assert [int(m[2]) for m in where if m[3] == "error"] == [3, 4, 6]
    assert all(m[1] == client.config for m in where)
    assert "index_format" in lines[0]
    with client.start() as screen:
        screen.wait_for(r"smewrc:\d+: error: ")
        screen.wait_index(20)


def test_good_configuration(client):
    done = client.run("--check-config")
    assert (done.returncode, done.stdout) == (0, "")


def test_missing_file(client):
    client.config += ".not"
    done = client.run("--check-config")
    assert done.returncode == 1
    assert client.config in done.stdout + done.stderr


def test_query_and_dump(client):
    done = client.run("-Q", "sort")
    assert (done.returncode, done.stdout) == (0, 'sort="threads"\n')
    done = client.run("-Q", "mark_old")
    assert re.fullmatch(r"mark_old is (un)?set\n", done.stdout)
    done = client.run("-Q", "no_such_option")
    assert done.returncode == 1 and done.stderr
    done = client.run("-e", "set imap_pass=secret", "-D")
    assert done.returncode == 0
    assert "secret" not in done.stdout and "<set>" in done.stdout
    assert "index_format" in done.stdout


def test_version_and_usage(client):
    done = client.run("-v", config=False)
    assert done.returncode == 0 and done.stdout.startswith("smew ")
    done = client.run("--help", config=False)
    assert done.returncode == 0 and "-F" in done.stdout
    done = client.run("--no-such", config=False)
    assert done.returncode == 2 and done.stdout == ""


def test_mailbox_of_the_command_line(client):
    with client.start("-f", "=Drafts") as screen:
        screen.wait_for(r"Drafts \[Msgs:2")
    with client.start("-f", "=Projekte/Brücke") as screen:
        screen.wait_for(r"Brücke \[Msgs:22")


def test_mailbox_that_does_not_exist(client):
    with client.start("-f", "=Nowhere") as screen:
        screen.wait_for("Nowhere")
        screen.send("q")
        assert screen.wait_exit() == 0


def test_colours_and_formats(client, server):
    client.write(server.tunnel, 'color indicator white red\n'
                 'set index_format = "%s"\nset sidebar_visible = no\n')
    with client.start() as screen:
        screen.wait_for("INBOX \\[Msgs:60")
        assert "Drafts" not in screen.text()
        found = [y for y in range(40)
                 if screen.style(y, 100).bg in ("red", "cd0000", "800000")]
        assert len(found) == 1


def test_header_weeding(client, server):
    client.write(server.tunnel, "ignore *\nunignore subject\n")
    with client.start() as screen:
        screen.wait_index(20)
        screen.send("\r")
        screen.wait_for("Subject: ")
        assert "Date: " not in screen.text()
        screen.send("h")
        screen.wait_for("Received: ")


def test_german(server, tmp_path):
    """Catalogues are found where smew is installed: SMEW_INSTALLED names it.
    In C.UTF-8 LANGUAGE counts, in C it does not."""
    program = os.environ.get("SMEW_INSTALLED", "")
    if not os.access(program, os.X_OK):
        pytest.skip("SMEW_INSTALLED is not set")
    client = Client(program, tmp_path, server.tunnel)
    for env, english in (({"LANGUAGE": "de"}, False), ({}, True),
                         ({"LANGUAGE": "de", "LANG": "C"}, True)):
        with client.start(env=env) as screen:
            screen.wait_index(20)
            assert ("q:Quit" in screen.lines()[0]) == english
            assert "q:" in screen.lines()[0]


def test_two_accounts(client, server, make_client):
    with Dovecot() as other:
        other.deliver(b"From: a@example.org\nSubject: at work\n\nx\n")
        quoted = other.tunnel.replace("\\", "\\\\").replace('"', '\\"')
        client.write(server.tunnel, 'account work {\n'
                     'set tunnel = "%s"\nset imap_user = "w"\n}\n' % quoted)
        with client.start("-f", "work:INBOX") as screen:
            screen.wait_for("at work")
