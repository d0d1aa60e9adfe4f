# SPDX-License-Identifier: GPL-3.0-or-later
"""A day without a network: 500 actions, each its own key, are on the server soon
after, each once, by few commands."""

import random

from acting import CONFIG, DELETED, FLAGGED, JUNK, SEEN, Actor, Model
from dovecot import Dovecot

SIZE = 120
ACTIONS, COMMANDS = 500, 60
LIMIT = 60.0


def said(path):
    """What smew said so far, but for the end of IDLE."""
    with open(path, "rb") as log:
        return [line for line in log.read().split(b"\r\n")
                if line and line != b"DONE"]


class Day:
    """Keys, and what becomes of the model by them."""

    def __init__(self, actor):
        self.actor, self.model = actor, actor.model
        self.done = len(actor.steps())

    def press(self, keys, times, limit=LIMIT):
        """Each is one action; what was sent elsewhere is out of sight."""
        self.done += times
        self.actor.screen.wait_for(
            r"\[Msgs:%d " % len(self.model.boxes["INBOX"]), limit)
        self.actor.screen.send("\x07\x07=" + keys * times)
        self.actor.screen.wait_for(
            lambda s: len(self.actor.steps()) >= self.done, limit)
        assert len(self.actor.steps()) == self.done

    def flip(self, keys, bit, times):
        self.press(keys, times)
        for one in self.model.boxes["INBOX"][:times]:
            one[1] ^= bit

    def move(self, keys, target, times, add=0):
        self.press(keys, times)
        for subject, _ in self.model.boxes["INBOX"][:times]:
            self.model.move("INBOX", subject, target, add)

    def purge(self):
        self.press("$", 1)
        self.model.purge("INBOX")


def test_offline_day(make_client, tmp_path):
    log = str(tmp_path / "said")
    with Dovecot() as server:
        model = Model(SIZE)
        model.deliver(server)
        client = make_client(server.logged_tunnel(log), CONFIG)
        actor = Actor(client, model, random.Random(1), 100, 140)
        actor.start()
        actor.screen.send("\x07\x07:offline\r")
        actor.screen.wait_for("offline: you said so", LIMIT)
        before = len(said(log))
        day = Day(actor)
        day.flip("F", FLAGGED, 120)
        day.flip("N", SEEN, 120)
        day.flip("F", FLAGGED, 60)
        day.move("s\x15=Archive\r", "Archive", 60)
        day.flip("d", DELETED, 40)
        day.purge()
        day.flip("F", FLAGGED, 20)
        day.flip("N", SEEN, 19)
        day.move("s\x15=Family\r", "Family", 10)
        day.move("X", "Junk", 10, JUNK)
        for _ in range(20):     # the last is undone and done again
            for keys in ("_", "\x1b_"):
                old = actor.steps()
                actor.screen.send(keys)
                actor.wait_step(old)
        assert day.done + 40 == ACTIONS
        assert len(said(log)) == before
        actor.screen.send("\x07\x07:online\r")
        actor.settle()
        commands = len(said(log)) - before
        print("\n%d actions by %d commands" % (ACTIONS, commands))
        actor.agree(server)
        assert commands < COMMANDS
        actor.screen.send("q")
        assert actor.screen.wait_exit() == 0
