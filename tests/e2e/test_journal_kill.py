# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 while somebody acts, also offline: what the journal had is done once,
what it had not was never done, and server, cache and screen agree in the end.

10 kills among 16 actions by default; with SMEW_ALL=1 200 among 300, with
SMEW_SOME=N N among 3 N / 2.
"""

import os
import random

from acting import CONFIG, Actor, Model
from dovecot import Dovecot

WHOLE = bool(os.environ.get("SMEW_ALL"))
KILLS = 200 if WHOLE else int(os.environ.get("SMEW_SOME") or 10)
ACTIONS = KILLS * 3 // 2
SIZE = 40
SEED = int(os.environ.get("SMEW_SEED") or 1)
CHECK_EACH = 50     # actions


def test_acting_under_kills(make_client):
    model = Model(SIZE)
    with Dovecot() as server:
        model.deliver(server)
        actor = Actor(make_client(server.tunnel, CONFIG), model,
                      random.Random(SEED))
        print("\n" + actor.live(server, ACTIONS, KILLS, CHECK_EACH))
        actor.screen.send("q")
        assert actor.screen.wait_exit() == 0
