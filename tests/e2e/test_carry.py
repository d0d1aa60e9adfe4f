# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that go to mailboxes of another account: copied, moved, taken back,
while that one is offline, refuses, or does not answer; and under kills."""

import os
import random
import re
import time

import pytest
from acting import journal_path, query
from far import Far
from network import NetworkDovecot
from place import LIMIT, UNDONE, Place, current, mail
from plugins import EXTRA, PluginDovecot
from proxy import Fault

WHOLE = bool(os.environ.get("SMEW_ALL"))
KILLS, CUTS = (60, 60) if WHOLE else (6, 4)
SEED = int(os.environ.get("SMEW_SEED") or 1)
@pytest.fixture(scope="module")
def net():
    with NetworkDovecot() as server:
        server.deliver(mail("old", 0), "Archive")
        yield server


@pytest.fixture(scope="module")
def far():
    with Far() as far:
        yield far


class There(Place):
    """The mailbox of that account that a test has for itself."""

    def __init__(self, far, place):
        self.net = far.server
        self.serial = place.serial
        self.folder = "Far%d" % place.serial
        self.name = "work:" + self.folder


class Two(Place):
    def __init__(self, net, far, make_client, config="", **more):
        self.far = far
        super().__init__(net, make_client, config="set confirmappend = no\n"
                         + config + far.block(), **more)
        self.know()

    def make_there(self):
        self.there = There(self.far, self)
        self.far.server.deliver(mail("old", 0), self.there.folder)

    def start(self, n):
        self.make_there()
        super().start(n)

    def know(self):
        """Until the mailboxes of that account are known."""
        self.screen.send("c%s" % self.there.name[:-1])
        self.screen.wait_for(lambda s: s.find("mailbox: " + self.there.name)
                             or s.send("\t"), LIMIT)
        self.screen.send("\x07")

    def save(self, keys, *patterns):
        self.type("%s\x15%s\r" % (keys, self.there.name), *patterns)

    def entries(self, columns="i.state, i.stage"):
        """Of what goes to another account."""
        return query(journal_path(self.client),
                     "SELECT %s FROM item i JOIN entry e ON e.id = i.entry"
                     " WHERE e.kind IN (11, 12) ORDER BY i.id" % columns)

    def wait_entries(self, wanted, columns="i.state, i.stage"):
        limit = time.monotonic() + LIMIT
        while (now := self.entries(columns)) != wanted:
            assert time.monotonic() < limit, now
            time.sleep(0.05)

    def both(self, here, there):
        self.there.wait_server(there)
        self.wait_server(here)


def message(place, name):
    """(INTERNALDATE, octets) of the one of that name."""
    with place.net.client() as imap:
        imap.check_ok(imap.select(place.folder, readonly=True))
        data = imap.uid("FETCH", "1:*", "(INTERNALDATE BODY.PEEK[])")[1]
    found, = [(re.search(rb'INTERNALDATE "[^"]*"', item[0])[0], item[1])
              for item in data if isinstance(item, tuple)
              and b"<%s.%d@" % (name.encode(), place.serial) in item[1]]
    return found


@pytest.fixture
def two(net, far, make_client):
    far.proxy.accept()
    far.proxy.change = None
    return Two(net, far, make_client, names=("a1", "b1", "c1", "d1"))


def test_move(two):
    before = message(two, "b1")
    two.go("b1")
    two.type("F")
    two.wait_marked("!", "b1")
    two.go("b1")
    two.type("Y\x15work\r")
    two.wait_server("b1", "work")
    two.go("b1")
    two.save("s", r"1 message moved to %s\. Undo: _" % two.there.name)
    two.wait_rows("a1 c1 d1")
    two.both("a1 c1 d1", "b1")
    two.there.wait_server("b1", "\\Flagged")
    two.there.wait_server("b1", "work")
    assert message(two.there, "b1") == before
    two.type(":journal\r", "work:" + two.there.folder)
    two.type("q")
    # And back, twice.
    two.type("_", UNDONE + "1 message moved")
    two.both("a1 b1 c1 d1", "")
    two.wait_rows("a1 b1 c1 d1")
    assert message(two, "b1") == before
    two.wait_server("b1", "\\Flagged")
    two.type("\x1b_", "Redone: 1 message moved")
    two.both("a1 c1 d1", "b1")
    two.type("_", UNDONE + "1 message moved")
    two.both("a1 b1 c1 d1", "")


def test_copy(two):
    two.go("c1")
    two.save("C", "1 message copied to " + two.there.name)
    two.both("a1 b1 c1 d1", "c1")
    two.wait_rows("a1 b1 c1 d1")
    assert message(two, "c1") == message(two.there, "c1")
    two.type("_", UNDONE + "1 message copied")
    two.both("a1 b1 c1 d1", "")
    two.type("\x1b_", "Redone: 1 message copied")
    two.both("a1 b1 c1 d1", "c1")


def test_large(two):
    """Fetched in pieces; not a letter is lost, nor without Message-ID."""
    lines = b"".join(b"%070d\r\n" % i for i in range(12000))
    two.net.deliver(mail("m1", two.serial).replace(b"Message-ID", b"X-Id")
                    + lines, two.folder, time.time() - 300)
    two.wait_rows("a1 b1 c1 d1 m1")
    before = message(two, "m1")
    two.go("m1")
    two.save("s")
    two.wait_entries([(1, 0)])
    assert message(two.there, "m1") == before
    assert len(before[1]) > 800_000
    two.wait_rows("a1 b1 c1 d1")
    two.type("_", UNDONE + "1 message moved")
    two.wait_rows("a1 b1 c1 d1 m1")
    assert message(two, "m1") == before


def test_tagged(two):
    two.type("T.\r", "4 messages tagged")
    two.save(";s", "4 messages moved to " + two.there.name)
    two.wait_rows("")
    two.both("", "a1 b1 c1 d1")
    two.type("_", UNDONE + "4 messages moved")
    two.both("a1 b1 c1 d1", "")


def test_offline_over_there(two):
    far = two.far.proxy
    far.refuse()
    far.cut()
    two.go("a1")
    two.save("s", "1 action waits for the account work: offline")
    two.wait_rows("b1 c1 d1")
    two.type(":journal\r", r"put off +default: 1 message moved to work",
             "tried again in .*work: ")
    two.type("q")
    # Before it went there it is taken back at once.
    two.type("_", UNDONE + "1 message moved")
    two.wait_rows("a1 b1 c1 d1")
    two.type("\x1b_")
    two.wait_rows("b1 c1 d1")
    far.accept()
    two.type(":online\r")
    two.both("b1 c1 d1", "a1")


def test_refused_over_there(net, make_client):
    with Far(PluginDovecot, rights={},
             extra=EXTRA.replace("1M", "64K")) as far:
        two = Two(net, far, make_client, names=("a1",))
        net.deliver(mail("b1", two.serial) + (b"x" * 70 + b"\r\n") * 1500,
                    two.folder)
        two.wait_rows("a1 b1")
        two.go("b1")
        two.save("s", "1 action was refused: work: .*[Qq]uota")
        two.wait_rows("a1 b1")
        two.both("a1 b1", "")
        two.type(":journal\r", "refused +default: 1 message moved to work")
        two.type("d", "given up")


def test_a_mailbox_is_made_there(two):
    two.go("a1")
    two.type("s\x15work:New%d\r" % two.serial,
             "Create work:New%d" % two.serial)
    two.type("y")
    two.wait_entries([(1, 0)])
    two.there.wait_server("a1", folder="New%d" % two.serial)
    two.both("b1 c1 d1", "")


def test_a_mailbox_is_made_there_later(two):
    two.far.proxy.refuse()
    two.far.proxy.cut()
    two.screen.wait_for(r"work: offline|\[work:", LIMIT)
    two.go("a1")
    two.type("s\x15work:Later%d\r" % two.serial,
             "Create work:Later%d" % two.serial)
    two.type("y")
    two.wait_rows("b1 c1 d1")
    two.far.proxy.accept()
    two.type(":online\r")
    two.wait_entries([(1, 0)])
    two.there.wait_server("a1", folder="Later%d" % two.serial)
    two.both("b1 c1 d1", "")


def test_another_smew_takes_over(two):
    """One that carries out and is killed, beside one that goes on."""
    first = two.screen
    two.far.proxy.plan = lambda _: Fault(delay=0.2)
    two.far.proxy.cut()
    Place.start(two, 4)
    two.know()
    two.go("a1")
    two.save("s")
    two.wait_entries([(1, 0)])
    two.go("b1")
    two.save("s")
    limit = time.monotonic() + LIMIT
    while two.entries()[1:] < [(0, 2)]:
        assert time.monotonic() < limit
        first.pump(0.002)
    first.kill()
    two.wait_entries([(1, 0)] * 2)
    two.both("c1 d1", "a1 b1")
    two.far.proxy.plan = None


def test_as_text_stays_in_the_account(two):
    two.go("a1")
    two.type("\x1bs\x15%s\r" % two.there.name, "of the same account")
    two.wait_rows("a1 b1 c1 d1")


@pytest.mark.parametrize("shown", [False, True])
def test_lost_answer(two, shown):
    """The server has the message and its answer does not come; the mailbox may
    be one that is kept up to date."""
    def change(_, data):
        if b"Append completed" not in data:
            return data
        far.change = None
        far.cut()
        return b""

    far = two.far.proxy
    far.change = change
    if shown:
        two.type("c\x15%s\r" % two.there.name)
        two.wait_rows("old")
        two.type("c\x15default:%s\r" % two.folder)
        two.wait_rows("a1 b1 c1 d1")
    two.go("a1")
    two.save("s")
    two.wait_rows("b1 c1 d1")
    limit = time.monotonic() + LIMIT
    while far.change is not None:
        assert time.monotonic() < limit
        time.sleep(0.01)
    two.both("b1 c1 d1", "a1")      # not twice
    two.wait_entries([(1, 0)])


def test_without_uidplus(two):
    """Where the server does not say what the copy is it is looked for."""
    taken = []

    def change(_, data):
        taken.extend(re.findall(rb"\[APPENDUID .*?\] ", data))
        return re.sub(rb"\[APPENDUID .*?\] ", b"", data)

    two.far.proxy.change = change
    two.go("a1")
    two.save("s", "1 message moved to " + two.there.name)
    two.both("b1 c1 d1", "a1")
    assert taken
    two.far.proxy.change = None
    two.type("_", UNDONE + "1 message moved")
    two.both("a1 b1 c1 d1", "")


class Killed(Two):
    def start(self, n):
        self.make_there()
        self.again()

    def again(self):
        self.screen = self.client.start("-f", "=" + self.folder)
        self.screen.wait_for(lambda s: current(s), LIMIT)

    def be_killed(self, delay):
        self.screen.pump(delay)
        seen = self.entries()[-1]
        self.screen.kill()
        self.screen.close()
        self.again()
        self.know()
        return seen

    def act_and_be_killed(self, name, keys, until, delay):
        """'until': a stage of the item, as it is seen at the latest."""
        before = len(self.entries())
        self.go(name)
        self.save(keys)
        limit = time.monotonic() + LIMIT
        while not (now := self.entries())[before:] or now[-1] < until:
            assert time.monotonic() < limit, self.screen.error(now)
            self.screen.pump(0.002)
            assert self.screen.status is None, self.screen.status
        return self.be_killed(delay)

    def undone(self):
        return query(journal_path(self.client),
                     "SELECT count(*) FROM step WHERE undone = 1")[0][0]

    def undo_and_be_killed(self, delay):
        before = self.undone()
        self.screen.send("_")
        self.screen.wait_for(lambda _: self.undone() > before, LIMIT)
        self.be_killed(delay)


STAGES = [(0, 2), (0, 0), (0, 3)]


def test_kills(net, far, make_client):
    """Wherever a kill comes: once there, and once or not at all here. The same
    when some of it is taken back."""
    rng = random.Random(SEED)
    names = ["m%d" % i for i in range(KILLS)]
    far.proxy.accept()
    far.proxy.change = None
    far.proxy.plan = lambda _: Fault(delay=0.1)
    two = Killed(net, far, make_client, names=[*names, "z"])
    moved, seen = set(), []
    for i, name in enumerate(names):
        keys = "C" if i % 5 == 4 else "s"
        moved |= {name} if keys == "s" else set()
        seen.append(two.act_and_be_killed(name, keys, STAGES[i % 3],
                                          rng.random() ** 2 * 0.15))
    print("\nat the kills:", sorted(seen))
    two.wait_entries([(1, 0)] * KILLS)
    two.there.wait_server(" ".join(names))
    two.wait_server(" ".join({*names, "z"} - moved))
    undone = set(names[-(KILLS // 3):])
    for _ in undone:
        two.undo_and_be_killed(rng.random() * 0.5)
    two.there.wait_server(" ".join({*names} - undone))
    two.wait_server(" ".join({*names, "z"} - (moved - undone)))
    far.proxy.plan = None


def cut_soon(proxy, rng):
    """The connections there are end after some more octets one way."""
    for connection in proxy.live():
        way = connection.ways[rng.randrange(2)]
        way.cut = way.passed + rng.randrange(1, 500)


def test_cuts(net, far, make_client):
    """Wherever the line to the other server breaks."""
    rng = random.Random(SEED)
    names = ["m%d" % i for i in range(CUTS)]
    far.proxy.accept()
    far.proxy.change = None
    two = Killed(net, far, make_client, names=[*names, "z"])
    for i, name in enumerate(names):
        two.go(name)
        cut_soon(far.proxy, rng)
        two.save("s")
        limit = time.monotonic() + LIMIT
        while two.entries() != [(1, 0)] * (i + 1):
            assert time.monotonic() < limit, two.entries("i.state, e.reason")
            two.screen.settle(0.5)
            two.screen.send(":online\r")
    two.both("z", " ".join(names))
