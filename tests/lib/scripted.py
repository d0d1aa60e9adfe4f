#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP server that says what a script says, on its standard streams.

    tests/lib/scripted.py SCRIPT [VERDICT]      as the option `tunnel`
    Script(text).tunnel                         the same from a test

A script is text, a step a line; what begins with # is a comment.

  S: TEXT         the server says TEXT and CRLF. $tag is the tag of the
                  command answered, $NAME a name captured, $$ a dollar
  raw: TEXT       the same without CRLF, with the escapes \\r \\n \\t \\0 \\xHH
                  \\\\ (in other steps a backslash is a backslash)
  literal         the lines up to one that is "." as one literal: its {n},
                  CRLF and the lines with CRLF. $NAME works inside
  fill N TEXT     TEXT N times ("forever": until the client goes away),
                  made while it is sent: `fill 100000 (`

  C: PATTERN      the client must send a command: a tag, then what matches
                  PATTERN, whatever the case; * is any text. A literal of the
                  client stands as "its octets"; the server asks for it
  C NAME: PATTERN the same; its tag is $NAME too, for pipelined commands
  C~ REGEX        the same with a regular expression; (?P<n>...) captures $n
  c: PATTERN      a line without a tag (DONE, an answer to a continuation)
  c~ REGEX

  when PATTERN    a block up to `end`, done whenever a command comes that
                  matches PATTERN and is not the one expected now. Later
                  blocks win. CAPABILITY, NOOP, ID and LOGOUT are known from
                  the start; `strict` as the first step forgets them
  once PATTERN    the same for the first such command alone
  optional        a block up to `end` that starts with a C step; left out when
                  the client sends something else
  repeat N        a block up to `end`, N times; $i counts from 1
  serve           answers by the `when` blocks until the client goes away

  dribble N [MS]  from here on N octets at a time, MS milliseconds apart;
                  `dribble 0` ends it
  stall [S]       says nothing for S seconds, or until the client goes away
  cut             closes the connection now
  closed          the client must close the connection
  limit S         how long C waits (30 seconds at first)
  mark WORD       writes `mark WORD` to the verdict
  await WORD      until the test says go(WORD)
  refuse TEXT     from here on a literal of the client gets `$tag TEXT`
                  in the place of its "+"; `refuse -` ends it

  has UID ...     the messages of the mailbox, in order (messages.py); $exists,
                  $uidnext and $uids are of them
  message UID     the text of a message: the lines up to one that is "."
  item UID NAME VALUE     what FETCH says of a message in this place
  poison UID TEXT a FETCH that asks for this message is answered `$tag TEXT`
  rows [UID ...]  the FETCH responses that the last command asks for, of all
                  messages or of those
  ====            what follows is for the next connection; the last part
                  serves all later ones

VERDICT gets the dialogue as it goes: `connection N`, `C: ...`, `S: ...`,
`mark ...` and at the end of each connection `ok` or `failed: SCRIPT:LINE: why`.
A script that has reached its end is ok whatever the client does then.
"""

import fcntl
import os
import re
import select
import shlex
import signal
import sys
import tempfile
import time

from messages import Mailbox

DEFAULTS = """
when CAPABILITY
S: * CAPABILITY IMAP4rev1
S: $tag OK done
end
when NOOP
S: $tag OK done
end
when ID *
S: * ID NIL
S: $tag OK done
end
when LOGOUT
S: * BYE bye
S: $tag OK done
cut
end
"""
BLOCKS = ("when", "once", "optional", "repeat")
CHUNK = 1 << 16
SHOWN = 200     # octets of a line that the verdict keeps


class ScriptError(Exception):
    pass


class Failed(Exception):
    pass


class Gone(Exception):
    """The client closed the connection."""


class Cut(Exception):
    pass


class Step:
    def __init__(self, line, word, text, block=None):
        self.line = line        # number, for messages
        self.word = word
        self.text = text
        self.name = None        # what else the tag is called
        self.block = block      # steps of a block, or a literal's lines


STEP = re.compile(r"(?P<word>S|raw|C|c)(?: (?P<name>\w+))?(?P<kind>[:~]) ?"
                  r"(?P<text>.*)$")
# Whether a step wants text after its name; None: as it likes.
PLAIN = {"literal": False, "fill": True, "when": True, "optional": False,
         "repeat": True, "serve": False, "dribble": True, "stall": None,
         "cut": False, "closed": False, "limit": True, "mark": True,
         "strict": False, "end": False, "once": True, "await": True,
         "refuse": True, "has": None, "message": True, "item": True, "poison": True,
         "rows": None}


def parse_line(number, line):
    match = STEP.match(line)
    if match:
        word = match["word"] + ("~" if match["kind"] == "~" else "")
        if word in ("S~", "raw~") or match["name"] and word[0] != "C":
            raise ScriptError("%d: cannot read: %s" % (number, line))
        step = Step(number, word, match["text"])
        step.name = match["name"]
        return step
    word, _, text = line.partition(" ")
    if word not in PLAIN or (PLAIN[word] is not None and
                             bool(text) != PLAIN[word]):
        raise ScriptError("%d: cannot read: %s" % (number, line))
    return Step(number, word, text)


def parse(text):
    """The connections of a script: a list of lists of steps."""
    connections, stack = [[]], []
    lines = list(enumerate(text.split("\n"), 1))
    while lines:
        number, line = lines.pop(0)
        if line.startswith("#") or not line.strip():
            continue
        line = line.lstrip(" \t")
        if line.startswith("====") and not stack:
            connections.append([])
            continue
        step = parse_line(number, line)
        if step.word == "end":
            if not stack:
                raise ScriptError("%d: `end` without a block" % number)
            stack.pop()
            continue
        if step.word in ("literal", "message"):
            step.block = []
            while lines and lines[0][1] != ".":
                step.block.append(lines.pop(0)[1])
            if not lines:
                raise ScriptError("%d: a literal without its `.`" % number)
            lines.pop(0)
        (stack[-1].block if stack else connections[-1]).append(step)
        if step.word in BLOCKS:
            step.block = []
            stack.append(step)
    if stack:
        raise ScriptError("%d: a block without its `end`" % stack[-1].line)
    return connections


class Verdict:
    def __init__(self, path):
        self.path = path or ""
        self.file = open(path, "a+b", buffering=0) if path else None

    def connection(self):
        """The number of this connection, from 0; connections may race."""
        if not self.file:
            return 0
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.file.seek(0)
        number = self.file.read().count(b"\nconnection ")
        self.file.write(b"\nconnection %d\n" % (number + 1))
        fcntl.flock(self.file, fcntl.LOCK_UN)
        return number

    def write(self, text):
        if self.file:
            if isinstance(text, str):
                text = text.encode("utf-8", "surrogateescape")
            self.file.write(text + b"\n")


class Server:
    def __init__(self, steps, verdict, name="script", fd_in=0, fd_out=1):
        self.steps = steps
        self.verdict = verdict
        self.name = name
        self.fd_in, self.fd_out = fd_in, fd_out
        self.buffer = b""
        self.names = {"tag": "*"}
        self.mailbox = Mailbox()
        self.command = ""       # the last one, without its tag
        self.refusal = None
        self.waiting = None     # a command that was read but not yet used
        self.limit = 30.0
        self.slow = (0, 0)
        self.handlers = parse(DEFAULTS)[0]
        self.handlers.reverse()
        self.line = 0

    # ---- octets ----

    def write(self, data):
        size, pause = self.slow
        view = memoryview(data)
        while view:
            try:
                sent = os.write(self.fd_out, view[:size or CHUNK])
            except OSError as error:
                raise Gone from error
            view = view[sent:]
            if size:
                time.sleep(pause)

    def read_more(self, end):
        left = end - time.monotonic()
        if left <= 0 or not select.select([self.fd_in], [], [], left)[0]:
            raise Failed("waited %g s in vain" % self.limit)
        data = os.read(self.fd_in, CHUNK)
        if not data:
            raise Gone
        self.buffer += data

    def read_line(self, end):
        while b"\n" not in self.buffer:
            self.read_more(end)
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r")

    def read_command(self):
        """A whole line with its literals put in as quoted text."""
        end = time.monotonic() + self.limit
        line = self.read_line(end)
        while True:
            match = re.search(rb"~?\{(\d+)(\+?)\}$", line)
            if not match:
                break
            if not match[2] and self.refusal:
                self.verdict.write(b"C: " + line[:SHOWN])
                self.refuse_literal(line)
                line = self.read_line(end)
                continue
            if not match[2]:
                self.write(b"+ go ahead\r\n")
            size = int(match[1])
            while len(self.buffer) < size:
                self.read_more(end)
            data, self.buffer = self.buffer[:size], self.buffer[size:]
            line = line[:match.start()] + b'"' + data + b'"' \
                + self.read_line(end)
        self.verdict.write(b"C: " + line[:SHOWN])
        return line.decode("utf-8", "surrogateescape")

    def refuse_literal(self, line):
        answer = line.split(b" ", 1)[0] + b" " + self.bytes(self.refusal)
        self.verdict.write(b"S: " + answer)
        self.write(answer + b"\r\n")

    # ---- words ----

    def word(self, key):
        box = self.mailbox
        of_mailbox = {"exists": len(box.uids), "uidnext": box.highest + 1,
                      "uids": " ".join(str(uid) for uid in box.uids)}
        return of_mailbox.get(key, self.names.get(key))

    def expand(self, text):
        def name(match):
            key = match[1] or match[2]
            if key == "$":
                return "$"
            if self.word(key) is None:
                raise Failed("nothing is called $%s" % key)
            return str(self.word(key))
        return re.sub(r"\$(?:\{(\w+)\}|(\w+|\$))", name, text)

    @staticmethod
    def bytes(text):
        return text.encode("utf-8", "surrogateescape")

    @staticmethod
    def unescape(data):
        known = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0"}

        def one(match):
            if match[1]:
                return bytes([int(match[1], 16)])
            return known.get(match[2], match[2])
        return re.sub(rb"\\(?:x([0-9a-fA-F]{2})|(.))", one, data)

    def matches(self, step, line):
        """Whether a line of the client is what the step wants; takes names."""
        tag, rest = "", line
        if step.word in ("C", "C~", "when", "once"):
            tag, _, rest = line.partition(" ")
        if step.word.endswith("~"):
            match = re.fullmatch(step.text, rest,
                                 re.IGNORECASE | re.DOTALL)
            if not match:
                return False
            self.names.update(match.groupdict(default=""))
        elif not glob(self.expand(step.text), rest):
            return False
        if tag:
            self.names["tag"], self.command = tag, rest
            if step.name:
                self.names[step.name] = tag
        return True

    # ---- steps ----

    def run(self):
        """True or a reason; writes it to the verdict."""
        try:
            self.run_steps(self.steps)
        except Failed as why:
            return self.end("failed: %s:%d: %s" % (self.name, self.line, why))
        except Gone:
            return self.end("failed: %s:%d: the client went away" % (
                self.name, self.line))
        except Cut:
            pass
        return self.end("ok")

    def end(self, verdict):
        self.verdict.write(verdict)
        return verdict == "ok"

    def run_steps(self, steps):
        for step in steps:
            self.line = step.line
            getattr(self, "do_" + STEP_NAMES.get(step.word, step.word))(step)

    def do_say(self, step):
        text = self.expand(step.text)
        self.verdict.write("S: " + text[:SHOWN])
        self.write(self.bytes(text) + b"\r\n")

    def do_raw(self, step):
        self.write(self.unescape(self.bytes(self.expand(step.text))))

    def do_literal(self, step):
        data = b"".join(self.bytes(self.expand(line)) + b"\r\n"
                        for line in step.block)
        self.write(b"{%d}\r\n" % len(data) + data)

    def do_fill(self, step):
        count, _, text = step.text.partition(" ")
        piece = self.unescape(self.bytes(self.expand(text)))
        forever = count == "forever"
        left = 0 if forever else int(count)
        many = max(1, CHUNK // max(1, len(piece)))
        try:
            while forever or left > 0:
                n = many if forever else min(many, left)
                self.write(piece * n)
                left -= n
        except Gone:
            # That is what "forever" is until.
            if not forever:
                raise
            raise Cut from None

    def do_expect(self, step):
        tagged = step.word in ("C", "C~")
        while True:
            line = self.take()
            if self.matches(step, line):
                return
            if not tagged or not self.handle(line):
                self.refuse(line, step)

    def take(self):
        line, self.waiting = self.waiting, None
        return self.read_command() if line is None else line

    def handle(self, line):
        if line == "DONE":
            return True     # it crossed the end of IDLE
        if self.poisoned(line):
            return True
        for handler in self.handlers:
            if self.matches(handler, line):
                if handler.word == "once":
                    self.handlers.remove(handler)
                where = self.line
                self.run_steps(handler.block)
                self.line = where
                return True
        return False

    def refuse(self, line, step):
        tag = line.split(" ", 1)[0]
        try:
            self.write(self.bytes(tag) + b" BAD not in the script\r\n")
        except Gone:
            pass
        raise Failed("expected %s, the client said %s" % (
            step.text, line[:SHOWN]))

    def do_when(self, step):
        self.handlers.insert(0, step)

    do_once = do_when

    def do_strict(self, _):
        self.handlers = []

    def do_optional(self, step):
        if not step.block or step.block[0].word not in ("C", "C~"):
            raise Failed("`optional` must start with a C step")
        line = self.take()
        self.waiting = line
        if self.matches(step.block[0], line):
            self.run_steps(step.block)

    def do_repeat(self, step):
        for i in range(1, int(self.expand(step.text)) + 1):
            self.names["i"] = i
            self.run_steps(step.block)

    def do_serve(self, _):
        self.limit = 86400.0
        try:
            while True:
                line = self.take()
                if not self.handle(line):
                    self.refuse(line, Step(self.line, "when", "one of the "
                                           "`when` blocks"))
        except Gone:
            raise Cut from None

    def do_dribble(self, step):
        size, _, pause = step.text.partition(" ")
        self.slow = (int(size), float(pause or 0) / 1000)

    def do_stall(self, step):
        end = time.monotonic() + float(step.text or 86400)
        try:
            while True:
                left = end - time.monotonic()
                if left <= 0 or not select.select(
                        [self.fd_in], [], [], left)[0]:
                    return
                data = os.read(self.fd_in, CHUNK)
                if not data:
                    raise Gone
                self.buffer += data
        except Gone:
            raise Cut from None

    def do_cut(self, _):
        raise Cut

    def do_closed(self, _):
        end = time.monotonic() + self.limit
        try:
            while True:
                self.read_more(end)
                self.buffer = b""
        except Gone:
            raise Cut from None

    def do_limit(self, step):
        self.limit = float(step.text)

    def do_await(self, step):
        end = time.monotonic() + self.limit
        while not os.path.exists(self.verdict.path + "." + step.text):
            left = end - time.monotonic()
            if left <= 0:
                raise Failed("waited %g s in vain" % self.limit)
            time.sleep(0.01)

    def do_refuse(self, step):
        self.refusal = None if step.text == "-" else step.text

    # ---- messages ----

    def do_has(self, step):
        self.mailbox.has(int(uid) for uid in self.expand(step.text).split())

    def do_message(self, step):
        text = "".join(line + "\r\n" for line in step.block)
        self.mailbox.message(int(step.text)).text = self.bytes(text)

    def do_item(self, step):
        uid, name, value = step.text.split(" ", 2)
        self.mailbox.message(int(uid)).items[name.upper()] = value

    def do_poison(self, step):
        uid, self.mailbox.refusal = step.text.split(" ", 1)
        self.mailbox.poison = int(uid)

    def poisoned(self, line):
        tag, _, command = line.partition(" ")
        if not self.mailbox.spoils(command):
            return False
        self.names["tag"] = tag
        self.do_say(Step(self.line, "S", "$tag " + self.mailbox.refusal))
        return True

    def do_rows(self, step):
        only = [int(uid) for uid in step.text.split()] or None
        for row in self.mailbox.fetch(self.command, only):
            self.verdict.write(b"S: " + row.split(b"\r\n")[0][:SHOWN])
            self.write(row)

    def do_mark(self, step):
        self.verdict.write("mark " + self.expand(step.text))


STEP_NAMES = {"S": "say", "C": "expect", "C~": "expect", "c": "expect",
              "c~": "expect"}


def glob(pattern, text):
    """* is any text; everything else, also ? and [, stands for itself."""
    parts = [re.escape(part) for part in pattern.split("*")]
    return re.fullmatch(".*".join(parts), text,
                        re.IGNORECASE | re.DOTALL) is not None


class Script:
    """A script for a test: files in a directory of its own."""

    def __init__(self, text, directory=None):
        parse(text)
        self.directory = directory or tempfile.mkdtemp(prefix="smew-script-")
        fd, self.path = tempfile.mkstemp(dir=self.directory, suffix=".script")
        self.verdict_path = self.path[:-len("script")] + "verdict"
        with open(fd, "w", encoding="utf-8") as out:
            out.write(text)

    @property
    def tunnel(self):
        return shlex.join(["/usr/bin/python3", os.path.abspath(__file__),
                           self.path, self.verdict_path])

    def go(self, word):
        """What `await` waits for, on this connection and later ones."""
        with open(self.verdict_path + "." + word, "wb"):
            pass

    def lines(self):
        try:
            with open(self.verdict_path, encoding="utf-8",
                      errors="surrogateescape") as verdict:
                return verdict.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def said(self, pattern):
        """What the client said that matches, tags removed."""
        lines = [line[3:].partition(" ")[2] for line in self.lines()
                 if line.startswith("C: ")]
        return [line for line in lines if re.search(pattern, line)]

    def failures(self):
        return [line for line in self.lines() if line.startswith("failed")]

    def connections(self):
        return sum(line.startswith("connection ") for line in self.lines())

    def ended(self):
        return sum(line == "ok" or line.startswith("failed")
                   for line in self.lines())


def terminated(*_):
    raise Gone


def main(argv):
    if len(argv) not in (2, 3):
        print("usage: scripted.py SCRIPT [VERDICT]", file=sys.stderr)
        return 2
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        with open(argv[1], encoding="utf-8") as script:
            connections = parse(script.read())
    except (OSError, ScriptError) as error:
        print("%s: %s" % (argv[1], error), file=sys.stderr)
        return 2
    # Who ends a tunnel's command has gone away as well.
    signal.signal(signal.SIGTERM, terminated)
    verdict = Verdict(argv[2] if len(argv) == 3 else None)
    number = min(verdict.connection(), len(connections) - 1)
    server = Server(connections[number], verdict, os.path.basename(argv[1]))
    return 0 if server.run() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
