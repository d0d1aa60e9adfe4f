# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, terminals, locales, signals."""

import os
import signal
import time

import pytest
from client import SmewScreen


@pytest.mark.parametrize("columns, rows", [
    (40, 10), (80, 24), (120, 40), (300, 100)])
def test_sizes(client, columns, rows):
    with client.start(columns=columns, rows=rows) as screen:
        screen.wait_index(3)
        screen.send("\r")
        screen.wait_for("From|Date|Subject")
        screen.send("q")
        screen.wait_index(3)
        assert ("Drafts" in screen.text()) == (columns >= 100)


def test_resizing_down_to_one_cell_and_back(screen):
    before = screen.current().subject
    for size in ((80, 24), (40, 10), (20, 5), (7, 3), (1, 1), (2, 1), (1, 2),
                 (1, 40), (120, 1), (300, 100)):
        screen.resize(*size)
        screen.settle(0.1, 2)
        screen.send("\x0c")
    screen.resize(120, 40)
    screen.wait_index(20)
    assert screen.current().subject == before
    screen.send("\r")
    screen.wait_for("Subject: ")
    screen.resize(1, 1)
    screen.settle(0.1, 2)
    screen.resize(120, 40)
    screen.wait_for("Subject: ")


def test_starting_in_one_cell(client):
    with client.start(columns=1, rows=1) as screen:
        screen.settle(0.5, 5)
        screen.resize(120, 40)
        screen.wait_index(20)


@pytest.mark.parametrize("term", ["xterm-256color", "xterm", "screen",
                                  "vt100", "linux"])
def test_terminals(client, term):
    with client.start(columns=80, rows=24, term=term) as screen:
        screen.wait_index(3)
        screen.send("q")
        assert screen.wait_exit() == 0


@pytest.mark.parametrize("term", ["dumb", "no-such-terminal"])
def test_terminals_that_cannot_do_it_are_refused(client, term):
    with client.start(term=term) as screen:
        assert screen.wait_exit() == 1
        text = screen.text().strip()
        assert term in text
        assert len(text.split("\n")) == 1


def test_no_terminal_at_all(client):
    done = client.run(env={"TERM": "xterm"})
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.strip().split("\n")) == 1


@pytest.mark.parametrize("env", [{"LANG": "C"}, {"LC_ALL": "POSIX"}])
def test_locale_without_utf8(client, env):
    with client.start(env=env) as screen:
        screen.wait_index(20)
        text = screen.text()
        assert text.isascii()
        assert "?" in text
        assert bytes(screen.raw).isascii()


def test_no_color(client):
    with client.start(env={"NO_COLOR": "1"}) as screen:
        screen.wait_index(20)
        for y in range(40):
            for x in range(120):
                cell = screen.style(y, x)
                assert (cell.fg, cell.bg) == ("default", "default")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_cleanly(screen, client, number):
    pid = screen.pid
    screen.kill(number)
    status = screen.wait_exit(10)
    assert status in (0, 1, 128 + number, -number)
    assert b"\x1b[?1049l" in screen.raw
    assert not os.path.exists("/proc/%d" % pid)


def test_hangup_of_the_terminal(client):
    screen = client.start()
    screen.wait_index(20)
    pid = screen.pid
    os.close(screen.fd)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        done, _ = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        time.sleep(0.05)
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        pytest.fail("still there ten seconds after its terminal went away")
    screen.fd, screen.status = -1, 0


def test_suspend_and_resume(client, server):
    env = {**client.env, "PS1": "shell> "}
    with SmewScreen(["/bin/bash", "--norc", "--noprofile", "-i"], 120, 40,
                    env, "xterm-256color") as screen:
        screen.wait_for("shell>")
        screen.send("%s -n -F %s\n" % (client.program, client.config))
        screen.wait_index(20)
        screen.send("*")
        screen.settle()
        screen.send("\x1a")
        screen.wait_for("Stopped")
        screen.send("stty -a | head -n 2; echo out$((1+1))side\n")
        screen.wait_for("out2side")
        server.deliver(b"Subject: while you slept\n\nx\n")
        screen.send("fg\n")
        screen.wait_for("while you slept")
        screen.send("q")
        screen.wait_for("shell>")
        screen.send("exit\n")
        screen.wait_exit()


def test_shell_escape(screen):
    screen.send("!")
    screen.wait_for("Shell command")
    screen.send("echo out$((1+1))side; exit 0\r")
    screen.wait_for(lambda s: b"out2side" in s.raw)
    screen.wait_index(20)


def test_ctrl_c_does_not_end_it(screen):
    screen.send("\x03")
    screen.settle()
    if not screen.rows() or "?" in screen.lines()[-1]:
        screen.send("n")
    screen.send("=")
    screen.wait_for(lambda s: s.current() and s.current().number == 1)
