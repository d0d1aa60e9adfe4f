# SPDX-License-Identifier: GPL-3.0-or-later
"""smew under test: its own home, its configuration, its screen.

    client = Client(program, directory, server.tunnel)
    with client.start(columns=80, rows=24) as screen:
        screen.wait_for("INBOX")
    client.sanitizer_reports()      # [] or what the sanitizers wrote
"""

import glob
import os
import re
import subprocess

from screen import Screen

# A row by mutt's index_format: number, flags, date, who, (size), subject.
ROW = re.compile(r"(?P<number>\d+) (?P<flags>.{3,4}?) ?"
                 r"(?P<date>[A-Z][a-z]{2} [ \d]\d) (?P<who>.{7,18}?) "
                 r"\((?P<size>[ \d.KMG]{4,5})\) ?(?P<subject>.*)")


# Access stacks of a report of ThreadSanitizer: "Read of size 8 ... by ...:" and
# the frames below it.
ACCESS = re.compile(r"^ +(?:Previous )?(?:atomic )?(?:read|write) of size.*\n"
                    r"((?: +(?:#\d+ .*|\[failed to restore.*)\n)+)",
                    re.MULTILINE | re.IGNORECASE)


def has_asan(program):
    """Whether it was built with AddressSanitizer."""
    with open(program, "rb") as data:
        return b"__asan_init" in data.read()


def races(text):
    """The reports that are about code of ours. GLib was built without
    ThreadSanitizer and locks by futexes that it cannot see: where both
    accesses were made by GLib itself, in its own tables and queues, a report
    tells nothing."""
    found = []
    for report in re.split(r"^=+\n", text, flags=re.MULTILINE):
        if "WARNING: ThreadSanitizer" not in report:
            continue
        stacks = ACCESS.findall(report)
        if not (len(stacks) == 2 and all(map(made_by_glib, stacks))):
            found.append(report)
    return found


def made_by_glib(stack):
    for frame in stack.splitlines():
        if "failed to restore" in frame:
            return True
        if "libtsan" not in frame:
            return re.search(r"\(lib(glib|gio|gobject)-2\.0\.so", frame)
    return False


class Row:
    def __init__(self, y, x, match, marked):
        self.y, self.x, self.marked = y, x, marked
        self.number = int(match["number"])
        self.flags = match["flags"]
        self.who = match["who"].strip()
        self.subject = match["subject"].strip()

    def __repr__(self):
        return "<%d %s %s%s>" % (self.number, self.flags, self.subject,
                                 " marked" if self.marked else "")


class SmewScreen(Screen):
    def rows(self):
        """The rows of the index that are on the screen."""
        found = []
        for y, line in enumerate(self.lines()):
            match = ROW.search(line)
            if match:
                cells = [self.style(y, x) for x in range(
                    self.emulator.columns // 2 + 10,
                    self.emulator.columns - 2)]
                marked = all(c.reverse or c.bg != "default" for c in cells)
                found.append(Row(y, match.start(), match, marked))
        return found

    def current(self):
        """The row under the indicator, or None."""
        marked = [row for row in self.rows() if row.marked]
        return marked[0] if len(marked) == 1 else None

    def row_of(self, pattern):
        for row in self.rows():
            if re.search(pattern, row.subject):
                return row
        return None

    def wait_index(self, least=1):
        return self.wait_for(lambda s: len(s.rows()) >= least and s.current())


class Client:
    def __init__(self, program, directory, tunnel=None, config=""):
        self.program = os.path.abspath(program)
        self.home = str(directory)
        self.config = os.path.join(self.home, "smewrc")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": self.home,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "XDG_CONFIG_HOME": os.path.join(self.home, "config"),
            "XDG_CACHE_HOME": os.path.join(self.home, "cache"),
            "XDG_STATE_HOME": os.path.join(self.home, "state"),
            # A full leak check is LeakSanitizer's; it cannot look into a
            # process that forbids being traced.
            "ASAN_OPTIONS": "detect_leaks=0:log_path=%s/asan:exitcode=99"
                            % self.home,
            "UBSAN_OPTIONS": "print_stacktrace=1:log_path=%s/ubsan:"
                             "halt_on_error=1" % self.home,
            "TSAN_OPTIONS": "log_path=%s/tsan:exitcode=0" % self.home,
            "G_DEBUG": "fatal-criticals",
        }
        # For ThreadSanitizer, which must see what is allocated and freed.
        if "G_SLICE" in os.environ:
            self.env["G_SLICE"] = os.environ["G_SLICE"]
        self.screens = []
        self.write(tunnel, config)

    def write(self, tunnel=None, config=""):
        with open(self.config, "w", encoding="utf-8") as out:
            if tunnel:
                quoted = tunnel.replace("\\", "\\\\").replace('"', '\\"')
                out.write('set tunnel = "%s"\nset imap_user = "anna"\n'
                          % quoted)
            out.write(config)

    def start(self, *arguments, columns=120, rows=40, term=None, env=None,
              prefix=()):
        argv = [*prefix, self.program, "-n", "-F", self.config, *arguments]
        screen = SmewScreen(argv, columns, rows, {**self.env, **(env or {})},
                            term or "xterm-256color")
        self.screens.append(screen)
        return screen

    def run(self, *arguments, stdin=None, env=None, config=True):
        """Without a screen; gives a CompletedProcess with text."""
        argv = [self.program]
        if config:
            argv += ["-n", "-F", self.config]
        return subprocess.run(
            argv + list(arguments), env={**self.env, **(env or {})},
            input=stdin or "",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=60, check=False)

    def cache(self, account="default"):
        return os.path.join(self.home, "cache", "smew", account, "cache.db")

    def written(self):
        """All that smew left in its directories, but for its
        configuration."""
        text = b""
        for top, _, names in os.walk(self.home):
            for name in names:
                path = os.path.join(top, name)
                if path != self.config and os.path.isfile(path):
                    with open(path, "rb") as data:
                        text += data.read()
        return text

    def sanitizer_reports(self):
        reports = []
        for path in glob.glob(os.path.join(self.home, "*san.*")):
            with open(path, encoding="utf-8", errors="replace") as report:
                text = report.read()
            if "/tsan." in path:
                text = "\n".join(races(text))
            if text:
                reports.append(text)
        return reports

    def close(self):
        for screen in self.screens:
            screen.close()
