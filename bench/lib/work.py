# SPDX-License-Identifier: GPL-3.0-or-later
"""The work that every program does, and the clock beside it. Each function
gives a dictionary: names of rows (table.py) to values."""

import contextlib
import os
import shutil
import tempfile
import termios
import threading
import time
import types

from corpus import (Corpus, SENDER, SENDER_KEY, WHEN_NEWEST, multipart, plain,
                    token)
from host import PASSWORD, append
import limit
from terminal import Ended, Terminal

NEW, FLAGGED = 100, 1000
QUIET = 1.5             # seconds without an octet: all is loaded
LONG = 300.0            # for 100,000 messages and less
TYPING = 120.0          # seconds, on average 20 letters in each
# Letters that neither messages nor programs write.
LETTERS = "\u00e1\u00e9\u00ed\u00f3\u00fa\u00e0\u00e8\u00ec\u00f2\u00f9" \
          "\u00e2\u00ea\u00ee\u00f4\u00fb\u00e4\u00eb\u00ef\u00f6\u00fc"


class Place:
    """A mailbox as one program reaches it."""

    def __init__(self, host, corpus, user, line=None):
        self.host, self.corpus, self.line = host, corpus, line
        port = line.port if line else (
            host.dovecot.imaps_port if host.tls else host.dovecot.imap_port)
        self.access = types.SimpleNamespace(
            host="127.0.0.1", port=port, user=user, password=PASSWORD,
            tls=host.tls, ca=host.dovecot.ca)
        self.user = user
        self.newest = corpus.token(corpus.size - 1)
        self.patience = LONG * max(1, corpus.size / 100_000)

    def count(self):
        return self.line.count() if self.line else NOTHING


class Nothing:
    """The count of a line that is not there."""
    up = down = flights = None

    def __sub__(self, other):
        return self


NOTHING = Nothing()


@contextlib.contextmanager
def home_of(peer):
    home = tempfile.mkdtemp(prefix="smew-bench-home-")
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def running(peer, home, place):
    """The program, from exec on; ended as its user ends it."""
    if place.access.tls:
        shutil.copy(place.access.ca, os.path.join(home, "ca.pem"))
    argv = peer.configure(home, place.access)
    terminal = Terminal(argv, peer.environment(home), home)
    try:
        peer.sign_in(terminal, place.access)
        yield terminal
        terminal.finish(peer.quit_keys)
    finally:
        terminal.close()
        if place.line:
            # What it said at its end is not the next one's.
            place.line.wait_quiet(0.2, 10)


def known(values):
    return {name: value for name, value in values.items()
            if value is not None}


def loaded(terminal, place):
    """When all was loaded: nothing passes the line any more, or nothing is
    drawn any more."""
    quiet = QUIET * (10 if place.corpus.small else 1)
    if not place.line:
        terminal.settle(quiet, place.patience)
        return terminal.pieces[-1][0]
    end = time.monotonic() + place.patience
    while time.monotonic() < end:
        terminal.read(0.2)
        last = place.line.count().last
        if time.monotonic() - last > quiet:
            break
    terminal.settle()
    return last


# ---- opening ----


def cold(peer, home, place):
    before = place.count()
    with running(peer, home, place) as terminal:
        at = terminal.wait_token([place.newest], limit=place.patience)
        first = place.count() - before
        last = loaded(terminal, place)
        whole = place.count() - before
        return known({
            "cold": at - terminal.started, "cold-bytes": first.down,
            "cold-flights": first.flights,
            "fill": max(last, at) - terminal.started,
            "fill-bytes": whole.down, "memory-cold": terminal.memory()[1]})


def warm(peer, home, place):
    before = place.count()
    with running(peer, home, place) as terminal:
        at = terminal.wait_token([place.newest], limit=place.patience)
        loaded(terminal, place)
        return known({
            "warm": at - terminal.started,
            "warm-bytes": (place.count() - before).down,
            "memory": terminal.memory()[0]})


class Change:
    """100 new messages and 1,000 flags, and all as it was before."""

    serial = 0

    def __init__(self, place):
        Change.serial += 1
        corpus = place.corpus
        self.imap = place.host.connect(place.user)
        self.imap.select("INBOX")
        messages, self.words = [], []
        for i in range(NEW):
            word = token("new %d %d" % (Change.serial, i))
            messages.append((plain(word + " news", "text\r\n",
                                   WHEN_NEWEST + 60 * (i + 1)),
                             "\\Seen", WHEN_NEWEST + 60 * (i + 1)))
            self.words.append(word)
        flagged = min(FLAGGED, corpus.size // 10)
        step = corpus.size / flagged
        self.flagged = ",".join(str(1 + int(i * step + Change.serial * 7 %
                                            step)) for i in range(flagged))
        self.new = append(self.imap, messages)
        self.imap.uid("STORE", self.flagged, "+FLAGS.SILENT", "(Bench)")

    def undo(self):
        self.imap.uid("STORE", self.flagged, "-FLAGS.SILENT", "(Bench)")
        remove(self.imap, self.new)
        self.imap.logout()


def remove(imap, uids):
    span = "%d:%d" % (uids[0], uids[-1])
    imap.uid("STORE", span, "+FLAGS.SILENT", "(\\Deleted)")
    imap.uid("EXPUNGE", span)


def delta(peer, home, place):
    change = Change(place)
    before = place.count()
    try:
        with running(peer, home, place) as terminal:
            # The first screen: of the cache, or with the new ones at once.
            rows = terminal.wait_token([place.newest, *change.words], least=1)
            at = terminal.wait_token(change.words, least=1)
            loaded(terminal, place)
            return known({"delta": rows - terminal.started,
                          "delta-seen": at - terminal.started,
                          "delta-bytes": (place.count() - before).down})
    finally:
        change.undo()


def opening(peer, place):
    """Cold, warm and delta, each from where the one before left off."""
    with home_of(peer) as home:
        return {**cold(peer, home, place), **warm(peer, home, place),
                **delta(peer, home, place)}


def opening_limit(place):
    result = limit.cold(place.access, place.count)
    before = limit.state(place.access)
    change = Change(place)
    try:
        result.update(limit.resync(place.access, place.count, before))
    finally:
        change.undo()
    return known(result)


# ---- a key while the mailbox opens ----


def echoes(fd):
    return termios.tcgetattr(fd)[3] & termios.ECHO


class Typist:
    """Types letters into a prompt, one every 40 ms when the one before was
    shown, and keeps how long each took."""

    def __init__(self, terminal, peer):
        self.terminal, self.keys = terminal, peer.keypad
        self.times = []
        self.serial = 0
        self.asked = self.sent = None   # the prompt, the letter on its way
        self.letter = None

    def turn(self):
        now = time.monotonic()
        if self.letter is None:
            if not self.times or now - self.sent > 0.04:
                self.type(now)
        elif now - self.asked > (5.0 if self.times else 1.0):
            # The program may have thrown away what came too early.
            self.prompt()
        at = len(self.terminal.pieces)
        if self.terminal.read(0.01) and self.letter:
            self.look(at)

    def prompt(self):
        self.asked = self.terminal.send(self.keys["prompt"])
        self.terminal.send(self.letter)

    def type(self, now):
        self.serial += 1
        self.letter = LETTERS[self.serial % len(LETTERS)]
        self.sent = now
        if not self.times:
            self.prompt()
        else:
            self.asked = self.sent = self.terminal.send(self.letter)

    def end(self):
        """A letter that was not shown has waited at least until now."""
        if self.letter is not None:
            self.times.append(time.monotonic() - self.sent)

    def look(self, at):
        when, data = self.terminal.pieces[at]
        if self.letter.encode() in data:
            self.times.append(when - self.sent)
            self.letter = None
            self.terminal.send(self.keys["rub"])


def waiting(peer, place, limit_time=TYPING):
    """The longest wait of a key during a cold open, or the first minutes of
    it."""
    # With many messages the server itself may be silent for a while.
    silence = QUIET * (10 if place.corpus.small else 1)
    with home_of(peer) as home, running(peer, home, place) as terminal:
        while echoes(terminal.fd):
            terminal.read(0.002)
        typist = Typist(terminal, peer)
        end = time.monotonic() + limit_time
        while time.monotonic() < end:
            typist.turn()
            quiet = time.monotonic() - max(place.count().last,
                                           terminal.started)
            if quiet > silence * (1 if len(typist.times) > 20 else 10):
                break
        terminal.send(peer.keypad["rub"] + peer.keypad["cancel"])
        terminal.settle()
        typist.end()
        return {"key-wait": max(typist.times),
                "key-wait-p99": percentile(typist.times, 99)}


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)]


# ---- keys, limits, threads in an open mailbox ----


def press(terminal, key, quiet=0.03):
    """(seconds to the last octet, octets) that a key brings."""
    first = len(terminal.pieces)
    at = terminal.send(key)
    if terminal.read(1.0):
        terminal.settle(quiet, 5)
    if len(terminal.pieces) == first:
        return None, 0
    return terminal.pieces[-1][0] - at, terminal.octets(first)


def moving(peer, terminal):
    keys = peer.keypad
    if not peer.newest_first:
        for _ in range(8):
            press(terminal, keys["page-up"])
    steps, pages = [], []
    for _ in range(4):
        for _ in range(30):
            steps.append(press(terminal, keys["down"]))
        pages.append(press(terminal, keys["page-down"]))
    steps = [step for step in steps if step[0] is not None]
    pages = [page for page in pages if page[0] is not None]
    if not steps or not pages:
        return {}
    return {"down": percentile([s[0] for s in steps], 50),
            "down-p99": percentile([s[0] for s in steps], 99),
            "down-bytes": percentile([s[1] for s in steps], 50),
            "page": percentile([p[0] for p in pages], 50),
            "page-bytes": percentile([p[1] for p in pages], 50)}


def limiting(peer, terminal, corpus):
    keys = peer.limit_keys(SENDER_KEY)
    if not keys:
        return {}
    who = SENDER[:15]
    count = len([i for i in range(0, corpus.size, 400)
                 if i < corpus.size - 60])
    assert keys.endswith("\r")
    terminal.send(keys[:-1])
    terminal.settle()
    if peer.refused(terminal.text()) or who in terminal.text():
        return {}
    at = terminal.send("\r")
    try:
        first = terminal.wait_screen(
            lambda text: who in text or peer.refused(text), 20)
        if peer.refused(terminal.text()):
            return {}
        result = {"limit-first": first - at}
        if peer.limited(terminal.text(), count) is None:
            terminal.settle(0.5)
            whole = terminal.pieces[-1][0]
        elif peer.limited(terminal.text(), count):
            whole = first
        else:
            whole = terminal.wait_screen(
                lambda text: peer.limited(text, count), 20)
        return dict(result, limit=whole - at)
    except Ended:
        return {}


def ordering(peer, terminal):
    keys = peer.thread_keys()
    if not keys:
        return {}
    try:
        if keys[0]:
            terminal.send(keys[0])
            terminal.settle(0.3)
            if not peer.ordered(terminal.text(), False):
                terminal.wait_screen(
                    lambda text: peer.ordered(text, False), 20)
        terminal.send(keys[1][:-1])
        terminal.settle()
        terminal.feed()     # the emulator is slow, and is not to be measured
        at = terminal.send(keys[1][-1])
        return {"threads": terminal.wait_screen(
            lambda text: peer.ordered(text, True), 20) - at}
    except Ended:
        return {}


def idling(terminal, place, seconds):
    terminal.settle(3.0)
    before = place.count()
    ticks, switches = terminal.activity()
    drawn = len(terminal.pieces)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(end - time.monotonic())
    after = terminal.activity()
    passed = place.count() - before
    return known({
        "idle-ticks": after[0] - ticks, "idle-switches": after[1] - switches,
        "idle-drawn": terminal.octets(drawn),
        "idle-bytes": None if passed.down is None
        else passed.down + passed.up})


def using(peer, place, home, idle_seconds):
    """An open mailbox: keys, idling, threads, a limit."""
    result = {}
    with running(peer, home, place) as terminal:
        terminal.wait_token([place.newest], limit=place.patience)
        loaded(terminal, place)
        result.update(idling(terminal, place, idle_seconds))
        result.update(moving(peer, terminal))
        result.update(ordering(peer, terminal))
    # From its newest page again: what a limit finds is not on it.
    with running(peer, home, place) as terminal:
        terminal.wait_token([place.newest], limit=place.patience)
        loaded(terminal, place)
        result.update(limiting(peer, terminal, place.corpus))
    return result


# ---- new mail ----


def new_mail(peer, place, home, limit_time=20.0):
    word = token("arrives %f" % time.time())
    with running(peer, home, place) as terminal:
        terminal.wait_token([place.newest], limit=place.patience)
        loaded(terminal, place)
        time.sleep(2)       # on some servers news are told at intervals
        imap = place.host.connect(place.user)
        imap.select("INBOX")
        ready, heard = threading.Event(), []
        thread = threading.Thread(target=limit.told, daemon=True, args=(
            place.access, ready, heard))
        thread.start()
        ready.wait(20)
        uids = append(imap, [(plain(word + " news", "text\r\n"), "", None)])
        at = time.monotonic()
        result = {}
        try:
            result["new"] = terminal.wait_token([word],
                                                limit=limit_time) - at
        except Ended:
            result["new"] = float("inf")
        thread.join(5)
        if heard:
            result["told"] = heard[0] - at
        remove(imap, uids)
        imap.logout()
        return result


def new_mail_fresh(peer, place):
    with home_of(peer) as home:
        return new_mail(peer, place, home)


# ---- reading ----


def text_message(corpus, size):
    word = token("text %d" % size)
    return word, plain("Thirty kilobytes", word + "\r\n" +
                       corpus.text[:size].decode(), WHEN_NEWEST + 100)


def large_message(corpus, size):
    word = token("large %d" % size)
    noise = (corpus.noise + b"\r\n") * (size // len(corpus.noise) + 1)
    head = ("From: Anna Example <anna@example.org>\r\nTo: anna@example.org"
            "\r\nSubject: Twenty megabytes\r\nMessage-ID: <%s@example.org>"
            "\r\nDate: Thu, 09 Oct 2025 10:00:00 +0000\r\nMIME-Version: 1.0"
            "\r\nContent-Type: multipart/mixed; boundary=\"large\"\r\n\r\n"
            % word).encode()
    return word, head + multipart("large", [
        (b"text/plain; charset=utf-8", b"8bit", word.encode() + b"\r\n"),
        (b"application/pdf; name=\"large.pdf\"", b"base64", noise[:size])])


class Letters:
    """Two small mailboxes; the newest message of each is read."""

    def __init__(self, host):
        self.places = {}
        for name, make in (("text", lambda c: text_message(c, 30_000)),
                           ("large", lambda c: large_message(c, 20_000_000))):
            corpus = Corpus(60, name)
            user = host.mailbox(corpus)
            word, data = make(corpus)
            imap = host.connect(user)
            append(imap, [(data, "\\Seen", WHEN_NEWEST + 100)])
            imap.logout()
            self.places[name] = (corpus, user, word)

    def place(self, name, host, line):
        corpus, user, word = self.places[name]
        place = Place(host, corpus, user, line)
        place.newest = "Thirty" if name == "text" else "Twenty"
        return place, word


def reading(peer, place, word, name):
    with home_of(peer) as home, running(peer, home, place) as terminal:
        terminal.wait_token([place.newest])
        loaded(terminal, place)
        times = []
        before = place.count()
        for _ in range(2):
            first = len(terminal.pieces)
            at = terminal.send(peer.keypad["open"])
            times.append(terminal.wait_token([word], first) - at)
            if len(times) == 1:
                loaded(terminal, place)
                passed = place.count() - before
            terminal.send(peer.keypad["close"])
            terminal.settle(0.3)
        return known({name: times[0], name + "-again": times[1],
                      name + "-bytes": passed.down})


def reading_limit(place, name):
    seconds, octets = limit.message(place.access, place.count, "1")
    return known({name: seconds, name + "-bytes": octets})
