# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who acts on mail through the screen, and what must come of it.

    model = Model(["INBOX", "Family", ...], 40)
    model.deliver(server)
    actor = Actor(client, model, random.Random(1))
    actor.start()
    actor.act()             # one deed, and it is in the journal
    actor.settle()          # nothing waits any more
    model.compare(...)

The model is told of a deed when the journal has it: what is not in the journal
when smew is killed was never done, what is there must be done exactly once.
"""

import collections
import email
import imaplib
import os
import re
import shutil
import sqlite3
import time
from contextlib import closing

LIMIT = 60.0
BITS = {"\\Seen": 1, "\\Answered": 2, "\\Flagged": 4, "\\Deleted": 8,
        "\\Draft": 16, "$Forwarded": 32, "$Junk": 64, "work": 128}
SEEN, FLAGGED, DELETED, JUNK, WORK = 1, 4, 8, 64, 128
# Beyond them: it was made anew as text, and from here on what it answers.
TEXT, REPLY = 256, 512
# The same of a message in the cache.
CACHED = ("((shown & 127) | 128 * (' ' || keywords || ' ' LIKE '% work %')"
          " | 256 * (structure LIKE '%utf-8%')"
          " | CASE WHEN in_reply_to LIKE '%m___@acting%' THEN 512 *"
          " (1 + ltrim(in_reply_to, '<m')) ELSE 0 END)")
BOXES = ["INBOX", "Family", "Archive", "Junk", "Trash"]
CONFIG = """set delete = yes
set quit = yes
set mark_old = no
set sort = mailbox-order
"""
MAIL = """From: Rita Novak <rita@example.org>
To: anna@example.org
Subject: m%(n)03d
Message-ID: <m%(n)03d@acting>
Date: Mon, 20 Nov 2023 10:00:%(s)02d +0000

text of message %(n)d: \u00e9\u00e8
"""


class Model:
    """Mailbox to list of [subject, flags], and what can be taken back."""

    def __init__(self, size, boxes=None):
        self.names = boxes or BOXES
        self.boxes = {name: [] for name in boxes or BOXES}
        self.size = size
        self.undone, self.done = [], []     # of earlier and later boxes
        for n in range(size):
            self.boxes["INBOX"].append(["m%03d" % n, 0])

    def deliver(self, server):
        with server.client() as imap:
            for name in self.names[1:]:
                imap.check_ok(imap.create(name))
        for n in range(self.size):
            server.deliver((MAIL % {"n": n, "s": n % 60}).encode())

    def copy(self):
        return {name: [list(one) for one in self.boxes[name]]
                for name in self.boxes}

    def step(self, change):
        before = self.copy()
        change()
        self.done.append((before, self.copy()))
        self.undone = []

    def undo(self):
        before, after = self.done.pop()
        self.boxes = before
        self.undone.append((before, after))
        self.boxes = self.copy()

    def redo(self):
        before, after = self.undone.pop()
        self.boxes = after
        self.done.append((before, after))
        self.boxes = self.copy()

    def find(self, box, subject):
        return [one for one in self.boxes[box] if one[0] == subject]

    def alone(self, box):
        """Subjects that the mailbox has once."""
        names = [subject for subject, _ in self.boxes[box]]
        return [name for name in names if names.count(name) == 1]

    # ---- deeds: functions that change the model ----

    def flip(self, box, subject, bit):
        self.find(box, subject)[0][1] ^= bit

    def move(self, box, subject, target, add=0):
        one = self.find(box, subject)[0]
        self.boxes[box].remove(one)
        self.boxes[target].append([subject, one[1] | add])

    def duplicate(self, box, subject, target):
        self.boxes[target].append(list(self.find(box, subject)[0]))

    def purge(self, box):
        gone = [one for one in self.boxes[box] if one[1] & DELETED]
        self.boxes[box] = [one for one in self.boxes[box]
                           if not one[1] & DELETED]
        if box != "Trash":
            self.boxes["Trash"] += [[name, flags & ~DELETED]
                                    for name, flags in gone]

    def decode(self, box, subject, target, marks):
        one = self.find(box, subject)[0]
        self.boxes[target].append([subject, one[1] & ~DELETED | TEXT])
        if marks:
            one[1] |= DELETED

    def link(self, box, subject, parent):
        """The message alone answers 'parent', or nothing."""
        one = self.find(box, subject)[0]
        one[1] = one[1] % REPLY + reply_to(parent)

    def deeds(self, box):
        """[(keys, subject or None, change of the model)] that have an effect
        on what is there; subjects: the keys mean the first."""
        found = []
        alone = self.alone(box)
        for subject in alone:
            flags = self.find(box, subject)[0][1]
            found += self.flag_deeds(box, subject, flags)
            found += self.move_deeds(box, subject)
            found += self.decode_deeds(box, subject)
        found += self.link_deeds(box, alone) * (1 + len(alone) // 5)
        if any(flags & DELETED for _, flags in self.boxes[box]):
            found += [("$", None, lambda: self.purge(box))] * 8
        return found

    def flag_deeds(self, box, subject, flags):
        def flip(bit):
            return lambda: self.flip(box, subject, bit)
        return [("F", subject, flip(FLAGGED)), ("N", subject, flip(SEEN)),
                ("u" if flags & DELETED else "d", subject, flip(DELETED)),
                ("Y\x15\r" if flags & WORK else "Y\x15work\r", subject,
                 flip(WORK))]

    def move_deeds(self, box, subject):
        found = []
        for target in self.names:
            if target == box:
                continue
            found.append(("s\x15=%s\r" % target, subject, lambda t=target:
                          self.move(box, subject, t)))
            if not self.find(target, subject):
                found.append(("C\x15=%s\r" % target, subject, lambda
                              t=target: self.duplicate(box, subject, t)))
        if box != "Archive":
            found.append(("E", subject,
                          lambda: self.move(box, subject, "Archive")))
        if box != "Junk":
            found.append(("X", subject,
                          lambda: self.move(box, subject, "Junk", JUNK)))
        return found

    def decode_deeds(self, box, subject):
        """Not of what is everywhere already."""
        found = []
        for target in self.names:
            if len(self.find(target, subject)) > 1:
                continue
            for key, marks in (("C", False), ("s", True)):
                found.append(("\x1b%s\x15=%s\r" % (key, target), subject,
                              lambda t=target, m=marks:
                              self.decode(box, subject, t, m)))
        return found

    def link_deeds(self, box, alone):
        """A few: there are pairs without end."""
        found = []
        for above, subject in zip(alone, alone[1:] + alone[:1]):
            old = self.find(box, subject)[0][1] // REPLY
            if old:
                found += [("#", subject, lambda s=subject:
                           self.link(box, s, None))] * 3
            if above != subject and old != reply_to(above) // REPLY:
                found.append((
                    "T\x15~s ^%s$\r&" % subject, (above, subject),
                    lambda s=subject, a=above: self.link(box, s, a)))
        return found

    # ---- comparing ----

    def state(self, box):
        return sorted(map(tuple, self.boxes[box]))


def reply_to(subject):
    """What a message has in its flags that answers that one."""
    return REPLY * (1 + int(subject[1:])) if subject else 0


def form(header):
    """What there is of it beyond flags; one message has just one form."""
    if not header.get("Message-ID", "").endswith("@acting>"):
        return 0
    above = header.get("In-Reply-To", "")
    assert above == header.get("References", "")
    assert all(len(header.get_all(name)) == 1 for name in header)
    return (reply_to(above[1:].split("@")[0]) +
            TEXT * ("utf-8" in header.get("Content-Type", "")))


def on_server(imap, box):
    """[(subject, flags)] as another client sees them."""
    answer = imap.select(box, readonly=True)
    imap.check_ok(answer)
    if answer[1][0] == b"0":
        return []
    _, data = imap.uid("FETCH", "1:*",
                       "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT MESSAGE-ID"
                       " IN-REPLY-TO REFERENCES CONTENT-TYPE)])")
    found = []
    for head, header in (part for part in data if isinstance(part, tuple)):
        flags = sum(BITS.get(flag.decode(), 0)
                    for flag in imaplib.ParseFlags(head))
        header = email.message_from_bytes(header)
        found.append((header["Subject"], flags + form(header)))
    return sorted(found)


def query(path, sql, *values):
    """Nothing while there is no such table. The file may just be made whole
    after a kill."""
    end = time.monotonic() + LIMIT
    while True:
        try:
            with closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True,
                                         timeout=10)) as db:
                return db.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if not os.path.exists(path) or "no such table" in str(error):
                return []
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def journal_path(client):
    return os.path.join(client.env["XDG_STATE_HOME"], "smew", "default",
                        "journal.db")


def different(have, want):
    """What is too much and what is lacking, or None."""
    have, want = collections.Counter(have), collections.Counter(want)
    if have != want:
        return sorted((have - want).elements()), sorted(
            (want - have).elements())
    return None


def as_tuple(subject):
    return subject if isinstance(subject, tuple) else (subject,)


def as_shown(state):
    return [(name, bool(flags & DELETED), bool(flags & FLAGGED))
            for name, flags in state]


class Actor:
    def __init__(self, client, model, rng, columns=110, rows=60):
        self.client, self.model, self.rng = client, model, rng
        self.columns, self.rows = columns, rows
        self.journal = journal_path(client)
        self.screen = self.box = self.order = None
        self.last = "keys"
        self.off = False        # the user wants to be offline
        self.typed = collections.Counter()
        self.alone = True       # nobody else has the journal
        self.kept = os.path.join(client.home, "kept")

    # ---- the journal ----

    def steps(self, path=None):
        return query(path or self.journal, "SELECT id, undone FROM step"
                     " WHERE visible ORDER BY id")

    def states(self):
        """How many messages are in each state."""
        return dict(query(self.journal, "SELECT state, count(*) FROM item"
                          " GROUP BY 1"))

    def steps_after_kill(self):
        """Looked at in a copy, so that smew meets what the kill left; where
        another one goes on writing, that would be a copy of nothing."""
        if not self.alone:
            return self.steps()
        shutil.rmtree(self.kept, ignore_errors=True)
        os.mkdir(self.kept)
        for suffix in ("", "-wal"):
            if os.path.exists(self.journal + suffix):
                shutil.copy(self.journal + suffix, self.kept)
        path = os.path.join(self.kept, "journal.db")
        with closing(sqlite3.connect(path)) as db:
            check = db.execute("PRAGMA integrity_check").fetchall()
            assert check == [("ok",)]
        return self.steps(path)

    # ---- the screen ----

    def start(self):
        self.screen = self.client.start(
            "-d", "3", "-l", os.path.join(self.client.home, "log"),
            columns=self.columns, rows=self.rows)
        self.box, self.order, self.off = "INBOX", "mailbox-order", False
        self.screen.wait_for(r"INBOX \[Msgs:", LIMIT)
        # Keys may name mailboxes when the list has come.
        for name in self.model.names if self.columns >= 100 else []:
            self.screen.wait_for(r"^ +%s " % name, LIMIT)
        self.screen.wait_for(lambda s: query(
            self.client.cache(), "SELECT 1 FROM mbox WHERE name = 'INBOX'"
            " AND complete"), LIMIT)

    def visit(self, box):
        """Opens it: not before the list of mailboxes can know it."""
        if self.box == box:
            return
        # What is marked stays marked.
        self.screen.send("\x07\x07:set delete=no\rc\x15=%s\r"
                         ":set delete=yes\r" % box)
        self.screen.wait_for(r"smew: %s \[Msgs:" % box, LIMIT)
        self.box = box

    def offline(self, off):
        """What is done waits meanwhile, also for what was done before it."""
        self.off = off
        self.screen.send("\x07\x07:%s\r" % ("offline" if off else "online"))
        if off:
            self.screen.wait_for("offline", LIMIT)
        else:
            self.screen.wait_gone("offline", LIMIT)

    def sort(self, order):
        """What is linked must be seen as threads."""
        if self.order != order:
            self.screen.send("\x07\x07:set sort=%s\r" % order)
            self.screen.wait_for(r"---\(" + order[:4], LIMIT)
            self.order = order

    def until(self, what, check):
        """check() gives what is wrong, or nothing."""
        end = time.monotonic() + LIMIT
        while wrong := check():
            self.screen.pump(0.05)
            assert time.monotonic() < end, self.report(what, wrong)

    def report(self, what, wrong):
        """What the journal says of the messages that are wrong."""
        names = set(re.findall(r"\b(m\d+)\b", repr(wrong)))
        lines = [repr(row) for row in query(
            self.journal, "SELECT i.id, step, of, kind, mailbox, target,"
            " want_add, want_del, state, stage, uid, landed, after, floor,"
            " message_id, reason FROM item i JOIN entry e ON e.id = entry"
            " ORDER BY i.id") if row[14].split("@")[0] in names]
        lines += ["cached: %r" % (row,) for row in query(
            self.client.cache(), "SELECT b.name, uid, subject, flags,"
            " want_add, want_del, m.modseq, b.modseq FROM msg m"
            " JOIN hdr USING (id) JOIN mbox b ON b.id = abs(mbox)"
            " ORDER BY 1, 2") if row[2] in names]
        rows = [line for line in self.screen.lines()
                if not re.fullmatch("[ \u2502]*", line)]
        return "waited in vain for %s: %r\n%s\n%s" % (
            what, wrong, "\n".join(lines), "\n".join(rows))

    def arrived(self, box):
        """Another client sees what was moved here; so does the cache."""
        def check():
            have, want = ([name for name, _ in state] for state in
                          (self.cached(box), self.model.state(box)))
            return different(have, want)
        self.until("the messages of " + box, check)

    def point_at(self, *subjects):
        """They alone are shown, and the keys mean the first."""
        for n in range(len(subjects)):
            shown = subjects[:n + 1]
            self.screen.send("\x07\x07l\x15%s\r" % "|".join(
                "~s ^%s$" % subject for subject in shown))
            self.until("the rows of %r" % (shown,), lambda: different(
                [subject for subject, *_ in self.shown()], shown) or
                not self.screen.current())

    def wait_step(self, before):
        self.until("a step of the journal", lambda: self.steps() == before
                   and self.last)

    # ---- deeds ----

    def choose(self):
        """(mailbox, keys, subject, what becomes of the model)"""
        model, rng = self.model, self.rng
        kind = rng.random()
        if kind < 0.12 and model.done:
            return None, "_", None, model.undo
        if kind < 0.18 and model.undone:
            return None, "\x1b_", None, model.redo
        if self.off:
            return self.choose_offline() or self.choose()
        boxes = [box for box in model.names if model.boxes[box]]
        box = "INBOX" if "INBOX" in boxes and rng.random() < 0.4 \
            else rng.choice(boxes)
        deeds = model.deeds(box)
        if not deeds:
            return self.choose()
        keys, subject, change = rng.choice(deeds)
        return box, keys, subject, lambda: model.step(change)

    def choose_offline(self):
        """About what is seen in the open mailbox."""
        have = collections.Counter(name for name, _ in self.cached(self.box))
        deeds = [(keys, subject, change) for keys, subject, change
                 in self.model.deeds(self.box) if subject and all(
                     have[one] == 1 for one in as_tuple(subject))]
        if not deeds:
            self.offline(False)
            return None
        keys, subject, change = self.rng.choice(deeds)
        return self.box, keys, subject, lambda: self.model.step(change)

    def begin(self):
        """Types the keys of a deed; (what to tell the model, steps before)"""
        box, keys, subject, change = self.choose()
        self.sort("mailbox-order")
        if box:
            self.visit(box)
            if not self.off:
                self.arrived(box)
        if keys[-1] in "#&":
            self.sort("threads")
        if subject:
            self.point_at(*as_tuple(subject))
        elif box:
            self.screen.send("\x07\x07l\x15all\r")
            # What is marked must be known to be marked.
            self.until("the rows of " + box, lambda: different(
                self.shown(), as_shown(self.model.state(box))))
        before = self.steps()
        self.last = (box, keys, subject)
        self.typed[keys[-1] if keys[0] == "T" else keys.split("\x15")[0]
                   ] += 1
        self.type(keys)
        return change, before, box == "Trash" and keys == "$"

    def type(self, keys):
        self.screen.send(keys)

    def tell(self, change, final):
        change()
        if final:       # removed for good: that cannot be taken back
            self.model.done.clear()
            self.model.undone.clear()

    def act(self):
        change, before, final = self.begin()
        self.wait_step(before)
        self.tell(change, final)

    def act_and_be_killed(self, wait_for_journal, delay):
        """Whether the journal has it."""
        change, before, final = self.begin()
        if wait_for_journal:
            self.wait_step(before)
        self.pump(delay)
        self.kill()
        done = self.steps_after_kill() != before
        assert done or not wait_for_journal, "forgotten: %r" % (self.last,)
        if done:
            self.tell(change, final)
        return done

    def live(self, server, actions, kills, each):
        """So much of both; all must agree after `each` actions, and in the
        end. How it went, for the reader."""
        acted = killed = accepted = starting = 0
        while acted < actions or killed < kills:
            if not self.screen:
                self.start()
                # What the last kill left is being gone through.
                if killed < kills and self.rng.random() < 0.3:
                    self.pump(self.rng.uniform(0.02, 0.5))
                    self.kill()
                    killed += 1
                    starting += 1
                    continue
            acted += 1
            if self.rng.random() < (0.3 if self.off else 0.1):
                self.offline(not self.off)
            if killed < kills and self.rng.random() < kills / actions:
                accepted += self.act_and_be_killed(
                    self.rng.random() < 0.6, self.rng.random() ** 2 * 0.06)
                killed += 1
            else:
                self.act()
            if acted % each == 0:
                self.look(server)
        self.look(server)
        return ("%d actions, %d kills: %d while starting, %d before the "
                "journal had the action\n%r" % (
                    acted, killed, starting, killed - starting - accepted,
                    dict(self.typed)))

    def look(self, server):
        if not self.screen:
            self.start()
        if self.off:
            self.offline(False)
        self.settle()
        self.agree(server)

    def pump(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.screen.pump(left)

    def kill(self):
        self.screen.kill()
        assert self.screen.wait_exit() == -9
        self.screen.close()
        self.screen = None

    # ---- the end ----

    def settle(self, limit=LIMIT):
        """Nothing waits, nothing was refused."""
        self.screen.wait_for(lambda s: not self.states().get(0), limit)
        assert not self.states().get(2), query(
            self.journal, "SELECT mailbox, target, reason FROM entry"
            " WHERE reason IS NOT NULL")

    def agree(self, server):
        """Server, cache and screen are what the model says."""
        with server.client() as imap:
            for box in self.model.names:
                wrong = different(on_server(imap, box),
                                  self.model.state(box))
                assert not wrong, self.report("%s on the server" % box,
                                              wrong)
        self.sort("mailbox-order")
        for box in self.model.names:
            self.visit(box)
            self.screen.send("\x07\x07l\x15all\r")
            want = self.model.state(box)
            self.until("the cache of " + box, lambda: different(
                self.cached(box), want))
            self.until("the screen of " + box, lambda: different(
                self.shown(), as_shown(want)))
        hidden = query(self.client.cache(), "SELECT uid FROM msg JOIN hdr"
                       " USING (id) WHERE mbox < 0 OR want_add <> 0 OR"
                       " want_del <> 0 OR base IS NOT NULL")
        assert hidden == []
        with closing(sqlite3.connect(self.client.cache())) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [
                ("ok",)]

    def cached(self, box):
        return query(self.client.cache(), "SELECT subject, " + CACHED +
                     " FROM msg JOIN hdr USING (id) JOIN mbox b ON b.id = mbox"
                     " WHERE b.name = ? ORDER BY 1, 2", box)

    def shown(self):
        """[(subject, deleted, flagged)]"""
        return sorted((re.sub(r"^\W*", "", row.subject), "D" in row.flags,
                       "!" in row.flags) for row in self.screen.rows())
