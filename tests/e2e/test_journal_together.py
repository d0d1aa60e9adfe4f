# SPDX-License-Identifier: GPL-3.0-or-later
"""Several who act on the same messages: another client beside smew; two smews on
one account, one of them killed now and then.

100 changes of each by default, 1,000 with SMEW_ALL=1.
"""

import collections
import os
import random
import re

from acting import (CONFIG, TEXT, Actor, Model, different, journal_path,
                    on_server, query)
from dovecot import Dovecot

WHOLE = bool(os.environ.get("SMEW_ALL"))
CHANGES = 1000 if WHOLE else 100
SEED = int(os.environ.get("SMEW_SEED") or 6)
SIZE = 50 if WHOLE else 20     # what is purged from the trash is gone
LIMIT = 120.0
BOXES = ["INBOX", "Family"]
KEYS = ["F", "N", "d", "u", "j", "k", "=", "*", "s\x15=%s\r", "_",
        "\x1bC\x15=%s\r", "\x1bs\x15=%s\r", "#", "t=&", "t*&"]


class Other:
    """Changes flags and moves, and removes nothing."""

    def __init__(self, server, rng):
        self.imap, self.rng = server.client(), rng

    def change(self, move):
        box = self.rng.choice(BOXES)
        uids = self.imap.uids(box)
        if not uids:
            return
        some = ",".join(map(str, self.rng.sample(uids, min(len(uids), 3))))
        if move:
            self.imap.check_ok(self.imap.uid(
                "MOVE", some, BOXES[box == BOXES[0]]))
        else:
            self.imap.check_ok(self.imap.uid(
                "STORE", some, self.rng.choice("+-") + "FLAGS",
                self.rng.choice([r"(\Seen)", r"(\Flagged)",
                                 r"(\Deleted)"])))


def test_another_client(make_client):
    """Every message is somewhere, once, beside copies of it as text; the cache
    is what the server has."""
    rng = random.Random(SEED - 1)
    model = Model(SIZE, BOXES)
    with Dovecot() as server:
        model.deliver(server)
        actor = Actor(make_client(server.tunnel, CONFIG.replace(
            "mailbox-order", "threads")), model, rng, 100, 70)
        actor.start()
        other = Other(server, rng)
        i = 0
        while i < CHANGES or len(actor.steps()) < CHANGES:
            if i % 20 == 0:
                actor.visit(BOXES[i // 20 % 2])
            i += 1
            assert i < 20 * CHANGES
            # Two who move a message in the same moment both have it moved: a
            # server copies for each, and then removes.
            move = rng.random() < 0.1
            if move:
                actor.screen.settle(0.1)
                actor.screen.wait_for(lambda s: not actor.states().get(0),
                                      LIMIT)
            other.change(move)
            keys = rng.choice(KEYS)
            actor.screen.send("\x07\x07" + (
                keys % BOXES[actor.box == BOXES[0]] if "%" in keys
                else keys))
            actor.pump(0.01)
        actor.screen.wait_for(lambda s: not actor.states().get(0), LIMIT)
        reasons = {reason for reason, in query(
            actor.journal, "SELECT reason FROM entry WHERE reason IS NOT "
            "NULL")}
        assert reasons <= {"the message is gone from the server"}, reasons
        with server.client() as imap:
            state = {box: on_server(imap, box) for box in BOXES}
        names = collections.Counter(
            name for box in BOXES for name, flags in state[box]
            if not flags & TEXT)
        assert names == collections.Counter("m%03d" % i for i in range(SIZE))
        for box in BOXES:
            actor.visit(box)
            actor.screen.send("\x07\x07l\x15all\r")
            actor.until("the cache of " + box, lambda: different(
                actor.cached(box), state[box]))
        assert query(actor.client.cache(), "SELECT uid FROM msg WHERE mbox < 0"
                     " OR want_add <> 0 OR want_del <> 0") == []
        print("\n%d changes of the other, in the journal %r" % (
            i, actor.states()))
        actor.screen.send("q")
        assert actor.screen.wait_exit() == 0


def test_two_smews(make_client):
    """Each deed of both is done once, whoever carries it out; when that one is
    killed, the other takes over."""
    rng = random.Random(SEED)
    model = Model(SIZE)
    kills = 0
    with Dovecot() as server:
        model.deliver(server)
        client = make_client(server.tunnel, CONFIG)
        actors = [Actor(client, model, rng, 100, 70) for _ in range(2)]
        for actor in actors:
            actor.alone = False
            actor.start()
        for i in range(CHANGES // 4):
            for actor in actors:
                if rng.random() < 0.1:
                    actor.act_and_be_killed(rng.random() < 0.5,
                                            rng.random() * 0.03)
                    kills += 1
                    actor.start()
                else:
                    actor.act()
        # Whoever is left ends what the other one began.
        actors[0].kill()
        actors[1].settle()
        actors[1].agree(server)
        print("\n%d kills" % kills)
        actors[1].screen.send("q")
        assert actors[1].screen.wait_exit() == 0


def test_the_cache_of_two(make_client):
    """What one writes into the cache the other one shows, also when no server
    tells it."""
    with Dovecot() as server:
        for i in range(3):
            server.deliver(b"From: Rita <rita@example.org>\nSubject: s%d\n"
                           b"Message-ID: <s%d@two>\n\ntext\n" % (i, i))
        client = make_client(server.tunnel, "set sidebar_visible = no\n"
                             "set mark_old = no\n")
        with client.start() as one, client.start() as two:
            one.wait_index(3)
            two.wait_index(3)
            two.send(":offline\r")
            two.wait_for("offline")
            one.send("=F")
            two.wait_for(lambda s: "!" in s.rows()[0].flags)
            server.deliver(b"From: Rita <rita@example.org>\nSubject: fresh\n"
                           b"Message-ID: <fresh@two>\n\ntext\n")
            two.wait_for("fresh")


def test_what_is_newer(make_client):
    """The cache knows how new the flags are that smew gave a message: another
    one may come with what it heard before."""
    with Dovecot() as server:
        server.deliver(b"From: Rita <rita@example.org>\nSubject: s\n"
                       b"Message-ID: <s@newer>\n\ntext\n")
        client = make_client(server.tunnel, "")
        with client.start() as screen:
            screen.wait_index(1)
            for _ in range(2):
                screen.send("F")
                screen.wait_for(lambda s: query(
                    journal_path(client), "SELECT 1 FROM item WHERE state ="
                    " 1 AND id = (SELECT max(id) FROM item)"))
                with server.client() as imap:
                    imap.select("INBOX", readonly=True)
                    _, data = imap.uid("FETCH", "1", "(MODSEQ)")
                modseq = int(re.search(rb"MODSEQ \((\d+)", data[0])[1])
                screen.wait_for(lambda s: query(
                    client.cache(), "SELECT modseq FROM msg") == [(modseq,)])
