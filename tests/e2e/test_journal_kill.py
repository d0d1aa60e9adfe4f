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
    rng = random.Random(SEED)
    model = Model(SIZE)
    actions = kills = accepted = starting = 0
    with Dovecot() as server:
        model.deliver(server)
        actor = Actor(make_client(server.tunnel, CONFIG), model, rng)
        actor.start()
        while actions < ACTIONS or kills < KILLS:
            if not actor.screen:
                actor.start()
                # What the last kill left is being gone through.
                if kills < KILLS and rng.random() < 0.3:
                    actor.pump(rng.uniform(0.02, 0.5))
                    actor.kill()
                    kills += 1
                    starting += 1
                    continue
            actions += 1
            if rng.random() < (0.3 if actor.off else 0.1):
                actor.offline(not actor.off)
            if kills < KILLS and rng.random() < KILLS / ACTIONS:
                accepted += actor.act_and_be_killed(
                    rng.random() < 0.6, rng.random() ** 2 * 0.06)
                kills += 1
            else:
                actor.act()
            if actions % CHECK_EACH == 0:
                if not actor.screen:
                    actor.start()
                if actor.off:
                    actor.offline(False)
                actor.settle()
                actor.agree(server)
        if not actor.screen:
            actor.start()
        if actor.off:
            actor.offline(False)
        actor.settle()
        actor.agree(server)
        print("\n%d actions, %d kills: %d while starting, %d before the "
              "journal had the action" % (actions, kills, starting,
                                          kills - starting - accepted))
        print(dict(actor.typed))
        actor.screen.send("q")
        assert actor.screen.wait_exit() == 0
