# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 while somebody makes, renames and deletes mailboxes and files mail into
them: what the journal had is done once, in its order, and server, cache and screen
agree in the end.

10 kills among 15 actions by default; with SMEW_ALL=1 100 among 150.
"""

import os
import random
import re

from acting import CONFIG, LIMIT, Actor, Model, different
from dovecot import Dovecot

WHOLE = bool(os.environ.get("SMEW_ALL"))
KILLS = 100 if WHOLE else 10
ACTIONS = KILLS * 3 // 2
SEED = int(os.environ.get("SMEW_SEED") or 1)
CHECK_EACH = 25     # actions
BOXES = ["INBOX", "Archive"]
MOST = 6            # of one's own


class Folders(Model):
    """The mailboxes are those that there are."""

    def __init__(self, size):
        super().__init__(size, list(BOXES))
        self.used = 0

    @property
    def names(self):
        return list(self.boxes)

    @names.setter
    def names(self, _):
        pass

    @property
    def made(self):
        return [name for name in self.boxes if name not in BOXES]

    def rename(self, old, new):
        self.boxes[new] = self.boxes.pop(old)

    def chores(self):
        """Names are new: Dovecot may count the messages of one that had the
        name a moment ago."""
        new = "N%dx" % self.used
        found = [(":rename =%s =%s\r" % (old, new), lambda o=old:
                  self.rename(o, new)) for old in self.made]
        if len(self.made) < MOST:
            found += [(":create =%s\r" % new, lambda:
                       self.boxes.__setitem__(new, []))] * 4
        found += [(":delete =%s\r\ny" % name, lambda n=name:
                   self.boxes.pop(n)) for name in self.made
                  if not self.boxes[name]] * 3
        return found

    def deeds(self, box):
        """Filing alone: all else is done in other tests."""
        return [deed for subject in self.alone(box)
                for deed in self.move_deeds(box, subject)
                if deed[0][0] in "sC"]


class Keeper(Actor):
    def choose(self):
        chores = self.model.chores()
        if self.rng.random() > 0.45 or not chores:
            return super().choose()
        self.model.used += 1
        keys, change = self.rng.choice(chores)
        # Without the server nobody knows that it is empty.
        if self.off and "\n" in keys:
            self.offline(False)
        return None, keys, None, lambda: self.model.step(change)

    def begin(self):
        """Keys may name what the screen shows."""
        self.until("the list of mailboxes", lambda: different(
            self.listed(), self.model.made))
        # It may have been renamed, or deleted.
        if self.box not in BOXES:
            self.box = None
            self.visit("INBOX")
        return super().begin()

    def listed(self):
        return re.findall(r"^ +(N\d+x) ", self.screen.text(), re.MULTILINE)

    def type(self, keys):
        order, _, reply = keys.partition("\n")
        super().type(order)
        if reply:
            self.screen.wait_for(r"which has no messages.*\(yes/\[no\]\)",
                                 LIMIT)
            super().type(reply)

    def agree(self, server):
        there = server.doveadm("mailbox", "list").decode().split("\n")[:-1]
        wrong = different(there, self.model.names)
        assert not wrong, self.report("the mailboxes", wrong)
        super().agree(server)


def test_keeping_under_kills(make_client):
    model = Folders(12)
    with Dovecot() as server:
        model.deliver(server)
        actor = Keeper(make_client(server.tunnel, CONFIG), model,
                       random.Random(SEED))
        print("\n" + actor.live(server, ACTIONS, KILLS, CHECK_EACH))
        actor.screen.send("q")
        assert actor.screen.wait_exit() == 0
