# SPDX-License-Identifier: GPL-3.0-or-later
"""The second half of tools/demo: the sample mailbox and smew on it."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from dovecot import Dovecot
from sample import Sample
from screen import Screen, ScreenError

PRINT_LIMIT = 60
PACE = 30       # seconds between new messages
CONFIG = """# made by tools/demo
set tunnel = "%s"
set imap_user = "anna"
set realname = "Anna Berg"
set from = "anna@example.org"
"""


def private_environment(home):
    """Only what a terminal program needs: nothing of the user's files."""
    kept = ("PATH", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "TZ",
            "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME", "TERMINFO",
            "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env["HOME"] = home
    env["EDITOR"] = "false"
    for name in ("config", "cache", "state", "data", "runtime"):
        path = os.path.join(home, name)
        os.mkdir(path, 0o700)
        env["XDG_%s_%s" % (name.upper(),
                           "DIR" if name == "runtime" else "HOME")] = path
    return env


def quoted(command):
    return command.replace("\\", "\\\\").replace('"', '\\"')


def write_config(home, server):
    path = os.path.join(home, "smewrc")
    with open(path, "w", encoding="utf-8") as out:
        out.write(CONFIG % quoted(server.tunnel))
    return path


def start_arrivals(server, sample):
    """A child that delivers until it is told to end, or its parent is gone."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setsid()
    try:
        for mail in sample.arrivals():
            end = time.monotonic() + PACE
            while time.monotonic() < end:
                time.sleep(0.5)
                if os.getppid() != parent:
                    os._exit(0)
            mail = sample.restamped(mail, int(time.time()))
            server.deliver(mail.data)
    finally:
        os._exit(1)


def complete(screen):
    """The folder list (where there is room), the status and the rows."""
    text = screen.text()
    rows = re.findall(r"^.*?\s\d+\s.*[A-Z][a-z][a-z] [ \d]\d\s.*\(", text,
                      re.MULTILINE)
    status = re.search(r"INBOX.*\[.*Msgs", text)
    # The counts of folders come last; Junk always has unread mail.
    folders = screen.emulator.columns < 100 or (
        "Trash" in text and re.search(r"Junk +\d", text))
    room = screen.emulator.lines - 6
    busy = re.search(r"Fetching|Connecting", text)
    return status and folders and len(rows) >= min(20, room // 2) and not busy


def print_screen(argv, env, columns, rows):
    env = dict(env, TERM="xterm-256color")
    env.setdefault("LANG", "C.UTF-8")
    with Screen(argv, columns, rows, env) as screen:
        try:
            screen.wait_for(complete, PRINT_LIMIT)
            screen.settle(0.4, 5)
        except ScreenError as error:
            print("tools/demo:", error, file=sys.stderr)
            return 1
        sys.stdout.buffer.write((screen.text() + "\n").encode())
    return 0


def utf8_environment(env):
    """A terminal in the C locale shows question marks: that is no demo."""
    if not any(env.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        env["LANG"] = "C.UTF-8"
    return env


def show(argv, env, server, sample):
    arrivals = start_arrivals(server, sample)
    try:
        # ^C belongs to smew, which reads it as a key.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        child = subprocess.Popen(
            argv, env=env, preexec_fn=lambda: signal.signal(
                signal.SIGINT, signal.SIG_DFL))
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        signal.signal(signal.SIGHUP, lambda *_: child.terminate())
        return child.wait()
    finally:
        os.kill(arrivals, signal.SIGTERM)
        os.waitpid(arrivals, 0)


def ended(*_):
    raise SystemExit(143)


def main():
    parser = argparse.ArgumentParser(prog="tools/demo")
    parser.add_argument("--smew", required=True)
    parser.add_argument("--print", action="store_true")
    parser.add_argument("--geometry", default="120x40")
    parser.add_argument("--size", type=int, default=320)
    options = parser.parse_args()
    size = re.fullmatch(r"(\d+)x(\d+)", options.geometry)
    if not size or options.size < 0:
        parser.error("the geometry is WIDTHxHEIGHT, the size a number")
    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGHUP, ended)
    sample = Sample(options.size, now=int(time.time()))
    home = tempfile.mkdtemp(prefix="smew-demo-")
    try:
        with Dovecot() as server:
            server.fill(sample)
            env = utf8_environment(private_environment(home))
            argv = [os.path.abspath(options.smew), "-n", "-F",
                    write_config(home, server)]
            if options.print:
                return print_screen(argv, env, *map(int, size.groups()))
            return show(argv, env, server, sample)
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
