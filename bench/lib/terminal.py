# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in a pseudo-terminal, with the time of every piece it writes.

What counts is when octets came, so they are only stored; a terminal emulator
(the one of the tests) reads them where their text alone does not tell.
"""

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

from screen import Emulator, REPEAT, Stream, repeated

COLUMNS, ROWS = 120, 40
CONTROL = re.compile(rb"\x1b\[[0-9;?<=>]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*"
                     rb"(?:\x07|\x1b\\)|\x1b[()][0-9A-Z]|\x1b[=>78DEHMc]"
                     rb"|[\x0e\x0f]")


class Ended(Exception):
    """The program is gone, or what was waited for did not come."""


class Terminal:
    def __init__(self, argv, env, cwd=None):
        self.pieces = []        # (time, octets)
        self.fed = 0            # pieces the emulator has
        self.status = None
        self.emulator = Emulator(COLUMNS, ROWS)
        self.stream = Stream(self.emulator)
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            self._child(argv, env, cwd)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    @staticmethod
    def _child(argv, env, cwd):
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            if cwd:
                os.chdir(cwd)
            os.execvpe(argv[0], argv, env)
        except OSError as error:
            os.write(2, ("%s: %s\n" % (argv[0], error)).encode())
        os._exit(127)

    # ---- octets ----

    def send(self, keys):
        """Returns when the keys were handed over."""
        at = time.monotonic()
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self.fd, data):]
        return at

    def read(self, seconds):
        """True when something came."""
        if self.fd < 0:
            return False
        ready, _, _ = select.select([self.fd], [], [], max(0.0, seconds))
        if not ready:
            return False
        at = time.monotonic()
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self.reap()
            time.sleep(min(max(seconds, 0), 0.01))
            return False
        self.pieces.append((at, data))
        return True

    def reap(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def settle(self, quiet=0.15, limit=30.0):
        end = time.monotonic() + limit
        while self.read(quiet) and time.monotonic() < end:
            pass

    def octets(self, first=0):
        return sum(len(data) for _, data in self.pieces[first:])

    # ---- the screen ----

    def feed(self, count=1 << 60):
        for _, data in self.pieces[self.fed:self.fed + count]:
            self.stream.feed(REPEAT.sub(repeated, data))
            self.fed += 1

    def lines(self):
        return [line.rstrip() for line in self.emulator.display]

    def text(self):
        self.feed()
        return "\n".join(self.lines())

    # ---- waiting ----

    def fail(self, what):
        self.feed()
        raise Ended("%s (ended with %r)\n%s" % (what, self.status,
                                               "\n".join(self.lines())))

    def wait_screen(self, right, limit=60.0):
        """When the piece came after which right(text) was true."""
        end = time.monotonic() + limit
        at = time.monotonic()
        while True:
            while self.fed < len(self.pieces):
                at = self.pieces[self.fed][0]
                self.feed(1)
                if right("\n".join(self.lines())):
                    return at
            if time.monotonic() > end or self.reap() is not None:
                self.fail("not seen within %g s" % limit)
            self.read(0.1)

    def wait_token(self, tokens, first=0, limit=120.0, least=None):
        """When 'least' (all) of these words had been written: quick enough
        for programs that write much before. A curses program may have left
        out letters that stood there already; then the emulator tells."""
        tokens = [token.encode() for token in tokens]
        least = least or len(tokens)
        end = time.monotonic() + limit
        seen, rest, at = set(), b"", first
        while True:
            while at < len(self.pieces):
                when, data = self.pieces[at]
                at += 1
                rest = CONTROL.sub(b"", rest[-400:] + data)
                seen |= {token for token in tokens if token in rest}
                if len(seen) >= least:
                    return when
            if time.monotonic() > end or self.reap() is not None:
                self.fail("%r not seen within %g s" % (tokens, limit))
            if not self.read(0.5):
                text = self.text().encode()
                if sum(token in text for token in tokens) >= least:
                    return self.pieces[-1][0]

    # ---- the process ----

    def threads(self):
        return [int(task) for task in os.listdir("/proc/%d/task" % self.pid)]

    def memory(self):
        """(resident, peak) in KiB"""
        with open("/proc/%d/status" % self.pid, encoding="ascii") as file:
            values = dict(line.split(":", 1) for line in file)
        return tuple(int(values[name].split()[0])
                     for name in ("VmRSS", "VmHWM"))

    def activity(self):
        """(clock ticks of CPU, context switches) so far, of all threads"""
        with open("/proc/%d/stat" % self.pid, encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        switches = 0
        for task in self.threads():
            with open("/proc/%d/task/%d/status" % (self.pid, task),
                      encoding="ascii") as file:
                switches += sum(int(line.split()[1]) for line in file
                                if "ctxt_switches" in line)
        return int(fields[11]) + int(fields[12]), switches

    def finish(self, keys, limit=20.0):
        """Ends the program as its user does, or by a signal."""
        end = time.monotonic() + limit
        for key in keys:
            if self.reap() is None:
                self.send(key)
                self.settle(0.1, 2)
        while self.reap() is None and time.monotonic() < end:
            self.read(0.05)
        self.close()

    def close(self):
        if self.fd < 0:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + 3
            if self.reap() is None:
                os.kill(self.pid, number)
            while self.reap() is None and time.monotonic() < end:
                self.read(0.05)
        os.close(self.fd)
        self.fd = -1
