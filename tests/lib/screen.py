# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in a pseudo-terminal, read through a terminal emulator (pyte).

    screen = Screen(["./smew", "-n"], columns=80, rows=24, env={...})
    screen.wait_for("INBOX")            # a pattern, or a function of screen
    screen.send("j")
    screen.text()                       # what is on the screen, lines by \\n
    screen.close()

Nothing here sleeps for a fixed time: wait_for() returns as soon as it is so,
and fails with the whole screen when its generous limit is over.
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

import pyte

LIMIT = 20.0    # seconds; many times what any wait should take


# xterm's REP, which pyte does not know: ncurses uses it without UTF-8.
REPEAT = re.compile(rb"([ -~])\x1b\[(\d+)b")


def repeated(match):
    return match[1] * (int(match[2]) + 1)


class ScreenError(AssertionError):
    pass


class Emulator(pyte.Screen):
    """pyte, with what ncurses sends and pyte 0.8 does not know."""

    drawn = " "

    def draw(self, data):
        super().draw(data)
        self.drawn = data[-1:] or self.drawn

    def repeat(self, count=1):
        """REP (CSI b): ncurses uses it in locales without UTF-8."""
        super().draw(self.drawn * (count or 1))

    def scroll_up(self, count=1):
        """SU (CSI S): the lines between the margins move up."""
        self._scroll(self.margins.bottom if self.margins
                     else self.lines - 1, self.index, count)

    def scroll_down(self, count=1):
        """SD (CSI T)."""
        self._scroll(self.margins.top if self.margins else 0,
                     self.reverse_index, count)

    def _scroll(self, edge, move, count):
        kept, self.cursor.y = self.cursor.y, edge
        for _ in range(count or 1):
            move()
        self.cursor.y = kept

    def set_margins(self, *args, **kwargs):
        kwargs.pop("private", None)
        super().set_margins(*args, **kwargs)

    def report_device_status(self, mode=0, **kwargs):
        super().report_device_status(mode)


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, b="repeat", S="scroll_up",
               T="scroll_down")
    events = pyte.ByteStream.events | {"repeat", "scroll_up", "scroll_down"}


class Screen:
    def __init__(self, argv, columns=80, rows=24, env=None, term=None,
                 cwd=None):
        self.emulator = Emulator(columns, rows)
        self.stream = Stream(self.emulator)
        self.raw = bytearray()      # everything the program wrote
        self.status = None
        env = dict(os.environ if env is None else env)
        env["TERM"] = term or env.get("TERM") or "xterm-256color"
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            self._child(argv, columns, rows, env, cwd)
        self._window_size(columns, rows)

    @staticmethod
    def _child(argv, columns, rows, env, cwd):
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", rows, columns, 0, 0))
            if cwd:
                os.chdir(cwd)
            os.execvpe(argv[0], argv, env)
        except OSError as error:
            os.write(2, ("cannot start %s: %s\n" % (argv[0], error)).encode())
        os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- to the program ----

    def send(self, keys):
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self.fd, data):]

    def _window_size(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.pump(0)
        self.emulator.resize(rows, columns)
        self._window_size(columns, rows)

    def kill(self, number=signal.SIGKILL):
        os.kill(self.pid, number)

    # ---- from the program ----

    def pump(self, seconds):
        """Reads for at most 'seconds'; True when something came."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            self._reap(0)
            time.sleep(min(seconds, 0.02))
            return False
        self.raw += data
        self._draw(data)
        return True

    def _draw(self, data):
        self.stream.feed(REPEAT.sub(repeated, data))

    def _reap(self, options):
        if self.status is None:
            pid, status = os.waitpid(self.pid, options | os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def wait_for(self, what, limit=LIMIT, alive=True):
        """what: a regular expression (multi-line) or a function of self.
        Returns the match or the function's result."""
        if callable(what):
            check = what
        else:
            pattern = re.compile(what, re.MULTILINE)
            check = lambda screen: pattern.search(screen.text())
        end = time.monotonic() + limit
        while True:
            found = check(self)
            if found:
                return found
            left = end - time.monotonic()
            if left <= 0:
                raise self.error("waited %g s in vain for %r" % (limit, what))
            if not self.pump(min(left, 0.2)) and alive:
                if self._reap(0) is not None and not self.pump(0):
                    if check(self):
                        continue
                    raise self.error("ended with %r before %r" % (
                        self.status, what))

    def wait_gone(self, what, limit=LIMIT):
        pattern = re.compile(what, re.MULTILINE)
        self.wait_for(lambda s: not pattern.search(s.text()), limit)

    def settle(self, quiet=0.3, limit=LIMIT):
        """Until nothing was drawn for 'quiet' seconds."""
        end = time.monotonic() + limit
        while self.pump(quiet) and time.monotonic() < end:
            pass

    def wait_exit(self, limit=LIMIT):
        """The exit status (negative: the signal that ended it)."""
        end = time.monotonic() + limit
        while self._reap(0) is None:
            if time.monotonic() > end:
                raise self.error("did not end within %g s" % limit)
            self.pump(0.05)
        while self.pump(0):
            pass
        return self.status

    def error(self, why):
        frame = "+" + "-" * self.emulator.columns + "+"
        lines = ["|%s|" % line for line in self.lines(strip=False)]
        return ScreenError("%s; the screen (%d x %d):\n%s\n%s\n%s" % (
            why, self.emulator.columns, self.emulator.lines, frame,
            "\n".join(lines), frame))

    # ---- what is there ----

    def lines(self, strip=True):
        # A wide character takes two cells, the second of which is empty.
        out = []
        for y in range(self.emulator.lines):
            row = self.emulator.buffer[y]
            line = "".join(row[x].data
                           for x in range(self.emulator.columns))
            out.append(line.rstrip() if strip else line)
        return out

    def text(self):
        return "\n".join(self.lines())

    def find(self, pattern):
        """(row, column in characters) of the first match, or None."""
        for y, line in enumerate(self.lines()):
            match = re.search(pattern, line)
            if match:
                return y, match.start()
        return None

    @property
    def cursor(self):
        return self.emulator.cursor.y, self.emulator.cursor.x

    def style(self, row, column):
        """The cell: .data .fg .bg .bold .reverse .underscore"""
        return self.emulator.buffer[row][column]

    def marked_row(self, left=0, right=None):
        """The row that is drawn in reverse: the indicator. None if none."""
        right = right or self.emulator.columns
        best = None
        for y in range(1, self.emulator.lines - 1):
            cells = [self.style(y, x) for x in range(left, right)]
            if all(c.reverse for c in cells):
                best = y if best is None else best
        return best

    # ---- the end ----

    def close(self):
        if self.fd < 0:
            return
        if self._reap(0) is None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                self.kill(number)
                try:
                    self.wait_exit(3)
                    break
                except ScreenError:
                    pass
        os.close(self.fd)
        self.fd = -1


class Unwatched(Screen):
    """The same without an emulator, for many at once: what was written is in
    `raw` alone."""

    def _draw(self, data):
        pass
