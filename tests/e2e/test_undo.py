# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of action is taken back and done again: before it ran, after it ran,
and after a restart of smew, whether it waited then or had run."""

import operator
import os
import re
import shlex

import pytest
from acting import CONFIG, LIMIT, Actor, different, query
from dovecot import Dovecot

SEEN, ANSWERED, FLAGGED, DELETED = ("\\Seen", "\\Answered", "\\Flagged",
                                    "\\Deleted")
BOXES = ["INBOX", "Lists", "Old", "Elsewhere", "Archive", "Junk", "Trash"]
BITS = {SEEN: 1, ANSWERED: 2, FLAGGED: 4, DELETED: 8, "$Junk": 64}
MODIFY = ":exec modify-labels\r\x15"


class Names:
    """What an actor has to know of the mailboxes."""

    names = BOXES


# {subject: (mailbox, flags before)}
BEFORE = {
    "plain": ("INBOX", ()), "star": ("INBOX", (FLAGGED,)),
    "unread": ("INBOX", ()), "read": ("INBOX", (SEEN,)),
    "answer": ("INBOX", ()), "answered": ("INBOX", (ANSWERED, SEEN)),
    "bare": ("INBOX", ()), "labelled": ("INBOX", ("work", "home")),
    "drop": ("INBOX", (FLAGGED,)), "dropped": ("INBOX", (DELETED,)),
    "pattern": ("INBOX", ()), "root": ("INBOX", ()), "leaf": ("INBOX", ()),
    "news": ("INBOX", ()), "newest": ("INBOX", ()),
    "save": ("INBOX", (FLAGGED, "work")), "copy": ("INBOX", (SEEN,)),
    "keep": ("INBOX", ()), "spam": ("INBOX", ()),
    "away": ("INBOX", (SEEN,)), "text": ("INBOX", (FLAGGED,)),
    "taken": ("INBOX", (SEEN,)), "marked": ("INBOX", (DELETED,)),
    "many1": ("INBOX", (SEEN,)),
    "many2": ("INBOX", ()),
    "list1": ("Lists", ()), "list2": ("Lists", (SEEN,)),
    "list3": ("Lists", (FLAGGED,)),
    "old1": ("Old", (DELETED, SEEN)), "old2": ("Old", ()),
}
PARENTS = {"leaf": "root", "newest": "news"}
class Deed:
    """keys, typed while the messages of 'limit' (a pattern, or a subject) are
    the ones shown; what comes of it: {(mailbox, subject): flags or None}"""

    def __init__(self, limit, keys, effect, box="INBOX"):
        self.rows = {subject for (_, subject) in effect}
        if box != "INBOX":
            self.rows = {one for one in BEFORE if BEFORE[one][0] == box}
        self.limit = limit if "~" in limit else "~s ^%s$" % limit
        self.keys, self.effect, self.box = keys, effect, box


def moved(subject, target, flags=()):
    return {("INBOX", subject): None, (target, subject): set(flags)}


def flagged(subject, *flags):
    return {("INBOX", subject): set(flags)}


DEEDS = [
    Deed("plain", "F", flagged("plain", FLAGGED)),
    Deed("star", "F", flagged("star")),
    Deed("unread", "N", flagged("unread", SEEN)),
    Deed("read", "N", flagged("read")),
    Deed("answer", "wr", flagged("answer", ANSWERED)),
    Deed("answered", "Wr", flagged("answered", SEEN)),
    Deed("bare", "Y\x15work urgent\r", flagged("bare", "work", "urgent")),
    Deed("labelled", "Y\x15home\r", flagged("labelled", "home")),
    Deed("labelled", MODIFY + "+new -home\r", flagged("labelled", "new")),
    Deed("drop", "d", flagged("drop", FLAGGED, DELETED)),
    Deed("dropped", "u", flagged("dropped")),
    Deed("pattern", "D~A\r", flagged("pattern", DELETED)),
    Deed("~s root|~s leaf", "\x04", {("INBOX", "root"): {DELETED},
                                     ("INBOX", "leaf"): {DELETED}}),
    Deed("~s root|~s leaf", "\x15", {("INBOX", "root"): set(),
                                     ("INBOX", "leaf"): set()}),
    Deed("~s new", "\x12", {("INBOX", "news"): {SEEN},
                             ("INBOX", "newest"): {SEEN}}),
    Deed("save", "s\x15=Elsewhere\r", moved("save", "Elsewhere",
                                            [FLAGGED, "work"])),
    Deed("copy", "C\x15=Elsewhere\r", {("Elsewhere", "copy"): {SEEN}}),
    Deed("keep", "E", moved("keep", "Archive")),
    Deed("spam", "X", moved("spam", "Junk", ["$Junk"])),
    Deed("away", ":set delete_mode=trash\rd:set delete_mode=mark\r",
         moved("away", "Trash", [SEEN])),
    Deed("text", "\x1bC\x15=Elsewhere\r", {
        ("Elsewhere", "text"): {FLAGGED}}),
    Deed("taken", "\x1bs\x15=Elsewhere\r", {
        ("INBOX", "taken"): {SEEN, DELETED}, ("Elsewhere", "taken"): {SEEN}}),
    Deed("marked", "\x1bs\x15=Elsewhere\r", {
        ("Elsewhere", "marked"): set()}),
    Deed("~s many", "T~A\r;s\x15=Elsewhere\r", {
        ("INBOX", "many1"): None, ("INBOX", "many2"): None,
        ("Elsewhere", "many1"): {SEEN}, ("Elsewhere", "many2"): set()}),
    Deed("~A", ":exec catchup\r", {("Lists", "list1"): {SEEN},
                                   ("Lists", "list3"): {SEEN, FLAGGED}},
         "Lists"),
    Deed("~A", "D~s old2\r", {("Old", "old2"): {DELETED}}, "Old"),
    Deed("~A", "$", {("Old", "old1"): None, ("Old", "old2"): None,
                     ("Trash", "old1"): {SEEN}, ("Trash", "old2"): set()},
         "Old"),
]


def mail(subject):
    parent = PARENTS.get(subject)
    return ("From: Rita <rita@example.org>\nSubject: %s\n"
            "Message-ID: <%s@undo>\n%s\ntext of %s\n" % (
                subject, subject, "In-Reply-To: <%s@undo>\n" % parent
                if parent else "", subject)).encode()


def fill(server):
    with server.client() as imap:
        for name in BOXES[1:]:
            imap.check_ok(imap.create(name))
    for subject, (box, _) in BEFORE.items():
        server.deliver(mail(subject), box)
    with server.client() as imap:
        for subject, (box, flags) in BEFORE.items():
            if flags:
                uid = imap.uids(box, "SUBJECT %s" % subject)
                imap.check_ok(imap.select(box))
                for one in uid:
                    _, data = imap.uid("FETCH", str(one), "(ENVELOPE)")
                    if b'"%s"' % subject.encode() in data[0]:
                        imap.check_ok(imap.uid("STORE", str(one), "+FLAGS",
                                               "(%s)" % " ".join(flags)))


def on_server(server):
    found = {}
    with server.client() as imap:
        for box in BOXES:
            imap.check_ok(imap.select(box, readonly=True))
            for part in imap.uid("FETCH", "1:*", "(FLAGS ENVELOPE)")[1]:
                if not part:
                    continue
                subject = re.search(rb'ENVELOPE \((?:NIL|"[^"]*") "([^"]*)"',
                                    part)[1].decode()
                flags = re.search(rb"FLAGS \(([^)]*)\)", part)[1].decode()
                assert (box, subject) not in found, "%s is twice in %s" % (
                    subject, box)
                found[box, subject] = set(flags.split()) - {"\\Recent"}
    return found


class Place(Actor):
    def __init__(self, make_client):
        self.server = Dovecot()
        self.gate = os.path.join(self.server.root, "gate")
        fill(self.server)
        self.open(True)
        super().__init__(make_client(
            "sh -c %s" % shlex.quote("test -e %s || { echo closed >&2; exit "
                                     "1; }; exec %s" % (
                                         shlex.quote(self.gate),
                                         self.server.tunnel)),
            CONFIG + "set delete_untag = yes\nset sort = threads\n"), Names,
            None)
        self.start()

    def open(self, yes):
        """Whether new connections succeed."""
        if yes:
            with open(self.gate, "w", encoding="utf-8"):
                pass
        else:
            os.unlink(self.gate)

    def offline(self):
        """All that is to be done must be known."""
        for box in BOXES:
            self.visit(box)
            self.until("the cache of " + box, lambda b=box: not query(
                self.client.cache(), "SELECT 1 FROM mbox WHERE name = ? AND "
                "complete AND total = messages", b))
        self.screen.send(":offline\r")
        self.screen.wait_for("offline", LIMIT)

    def restart(self):
        self.screen.send("x")
        assert self.screen.wait_exit(LIMIT) == 0
        self.screen = self.client.start(columns=110, rows=60)
        self.box = "INBOX"
        self.screen.wait_for(r"INBOX \[Msgs:", LIMIT)
        for name in BOXES:
            self.screen.wait_for(r"^ +%s " % name, LIMIT)

    def expect(self, state):
        """Until the server has just that, and nothing waits."""
        self.until("the end", lambda: self.states().get(0))
        assert not self.states().get(2), self.report("no refusal", "")
        assert on_server(self.server) == state

    def shown(self):
        """What the cache says, of the mailboxes that lose messages."""
        found = {}
        for box, subject, flags, words in query(
                self.client.cache(), "SELECT b.name, subject, shown, keywords"
                " FROM msg JOIN hdr USING (id) JOIN mbox b ON b.id = mbox"
                " WHERE b.name IN ('INBOX', 'Lists', 'Old')"):
            found[box, subject] = {bit for bit in BITS if BITS[bit] & flags
                                   } | set(words.split())
        return found

    def do(self, deed):
        self.visit(deed.box)
        self.screen.send("\x07\x07l\x15%s\r" % deed.limit)
        self.until("the rows of " + deed.limit, lambda: self.screen.current()
                   is None or different(deed.rows, [
                       row.subject.lstrip("└─>├│ ")
                       for row in self.screen.rows()]))
        before = self.steps()
        self.screen.send(deed.keys)
        self.wait_step(before)

    def turn(self, keys, word):
        """Undo or redo, and the journal has it."""
        before = self.steps()
        self.screen.send("\x07\x07" + keys)
        self.screen.wait_for(word, LIMIT)
        self.wait_step(before)
        self.screen.send("\x0c")

    def close(self):
        self.screen.send("x")
        assert self.screen.wait_exit(LIMIT) == 0
        self.server.close()


@pytest.fixture
def place(make_client):
    place = Place(make_client)
    yield place
    place.server.close()


def states():
    """What the server has before all, and after each deed."""
    state = {(box, subject): set(flags)
             for subject, (box, flags) in BEFORE.items()}
    yield dict(state)
    for deed in DEEDS:
        for where, flags in deed.effect.items():
            if flags is None:
                del state[where]
            else:
                state[where] = flags
        yield dict(state)


STATES = list(states())


def seen(state):
    """What of it is in the mailboxes that lose messages."""
    return {where: state[where] for where in state
            if where[0] in ("INBOX", "Lists", "Old")}


def test_after_it_ran(place):
    for deed, state in zip(DEEDS, STATES[1:]):
        place.do(deed)
        place.expect(state)
    for _ in range(2):
        for state in STATES[-2::-1]:
            place.turn("_", "Undone: ")
            place.expect(state)
        for state in STATES[1:]:
            place.turn("\x1b_", "Redone: ")
            place.expect(state)
    place.close()


def test_before_it_ran(place):
    place.offline()
    shown = [place.shown()]
    for deed, before, after in zip(DEEDS, STATES, STATES[1:]):
        place.do(deed)
        # The cache follows the journal.
        place.until("the cache", lambda b=before, a=after:
                    seen(b) != seen(a) and place.shown() == shown[-1])
        shown.append(place.shown())
    # Only copies are not to be seen.
    assert sum(map(operator.eq, shown, shown[1:])) == 3
    for state in shown[-2::-1]:
        place.turn("_", "Undone: ")
        place.until("what was", lambda s=state: place.shown() != s)
    for state in shown[1:]:
        place.turn("\x1b_", "Redone: ")
        place.until("what was then", lambda s=state: place.shown() != s)
    for _ in DEEDS:
        place.turn("_", "Undone: ")
    place.screen.send(":online\r")
    place.expect(STATES[0])
    for _ in DEEDS:
        place.turn("\x1b_", "Redone: ")
    place.expect(STATES[-1])
    for _ in DEEDS:
        place.turn("_", "Undone: ")
    place.expect(STATES[0])
    place.close()


def test_after_a_restart(place):
    for deed in DEEDS:
        place.do(deed)
    place.expect(STATES[-1])
    place.restart()
    for state in STATES[-2::-1]:
        place.turn("_", "Undone: ")
        place.expect(state)
    place.restart()
    for state in STATES[1:]:
        place.turn("\x1b_", "Redone: ")
        place.expect(state)
    place.restart()
    for _ in DEEDS:
        place.turn("_", "Undone: ")
    place.restart()
    place.expect(STATES[0])
    place.close()


def test_waiting_during_a_restart(place):
    place.offline()
    place.open(False)
    for deed in DEEDS:
        place.do(deed)
    shown = place.shown()
    place.restart()
    place.until("what waits", lambda: place.shown() != shown)
    for _ in DEEDS:
        place.turn("_", "Undone: ")
    place.restart()
    for _ in DEEDS[1:]:
        place.turn("\x1b_", "Redone: ")
    place.restart()
    place.open(True)
    place.screen.send(":offline\r:online\r")
    place.expect(STATES[-2])
    place.turn("\x1b_", "Redone: ")
    place.expect(STATES[-1])
    place.close()
