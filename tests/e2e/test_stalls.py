# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that lead nowhere, programs that were stopped, servers that come
back: all at once, each smew behind a proxy of its own. What has a limit of
minutes is waited for with SMEW_ALL=1 alone (ten minutes), as is a black hole
that lasts a minute while keys are pressed."""

import glob
import os
import select
import signal
import statistics
import time

import pytest
from crowd import Mailbox, Smew, run
from network import NetworkDovecot
from proxy import FROM_CLIENT, FROM_SERVER, Fault
from sample import Sample
from screen import Unwatched

ALL = int(os.environ.get("SMEW_ALL") or 0)
DARK = 60 if ALL else 10        # seconds of the black hole for the keys
IDLE_STEP = 10                  # seconds for the answer to DONE
SILENCE = 90                    # of a command without progress
RENEWAL = 9 * 60                # of IDLE
BACK = 20                       # to come back and fetch, on a busy machine
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


def idle(smew):
    """Until the server was asked to tell news, and said it will."""
    return smew.until("IDLE", lambda: any(
        c.heard(FROM_SERVER).endswith(b"+ idling\r\n")
        for c in smew.proxy.live()))


def shows(smew, count):
    """The index is still there: all of it is drawn anew."""
    since = len(smew.screen.raw)
    smew.screen.send("\x0c")
    names = [b"the first", b"the second", b"the third", b"the fourth",
             b"the fifth"]
    for name in names[:count]:
        yield from smew.until("the screen", smew.drawn(name, since))


def news(smew, keys=None, after=""):
    """Until mail that came in the dark is here; how long it took."""
    began = time.monotonic()
    if keys:
        smew.screen.send(keys)
    yield from smew.until("new mail", lambda: smew.complete(5))
    smew.took = time.monotonic() - began
    yield from smew.agree()
    smew.screen.send(after)
    yield from shows(smew, 5)
    yield from smew.leave()


# ---- a connection that is dead without an end ----

def used(smew):
    """What does not answer DONE is given up; the message comes after all."""
    yield from smew.start()
    yield from idle(smew)
    smew.proxy.swallow()
    smew.mailbox.deliver("fifth")
    yield from smew.wait(0.5)
    smew.proxy.restore()
    yield from shows(smew, 4)
    yield from news(smew, "=\r", "i")
    assert len(smew.proxy.connections) >= 2


def not_used(smew):
    yield from smew.start()
    yield from idle(smew)
    smew.proxy.swallow()
    smew.mailbox.deliver("fifth")
    yield from smew.wait(1)
    smew.proxy.restore()
    yield from news(smew)
    assert len(smew.proxy.connections) >= 2


def no_greeting(smew):
    smew.proxy.swallow()
    smew.launch()
    yield from smew.until("a connection", lambda: smew.proxy.connections)
    smew.proxy.restore()
    yield from smew.until("the index", smew.drawn(b"the fourth"))
    smew.mailbox.deliver("fifth")
    yield from news(smew)


def held(smew):
    """Octets that are late are no reason to begin anew."""
    yield from smew.start()
    yield from idle(smew)
    before = len(smew.proxy.connections)
    smew.proxy.hold()
    smew.mailbox.deliver("fifth")
    yield from smew.wait(4)
    yield from shows(smew, 4)
    smew.proxy.release()
    yield from news(smew)
    assert len(smew.proxy.connections) == before


def slow(smew):
    yield from smew.start()
    smew.mailbox.deliver("fifth")
    yield from news(smew)


# ---- what was asked for meanwhile ----

def asked_in_the_dark(smew):
    """A message whose body the dead connection did not bring."""
    yield from smew.start()
    yield from idle(smew)
    smew.proxy.swallow()
    smew.screen.send("=\r")
    yield from smew.wait(0.5)
    smew.proxy.restore()
    yield from smew.until("the message", smew.drawn(b"body of the first"))


def asked_offline(smew):
    """And one that was opened when there was no connection at all."""
    yield from smew.start()
    yield from idle(smew)
    smew.proxy.refuse()
    smew.proxy.cut("rst")
    yield from smew.until("the reason", smew.drawn(b"ffline"))
    smew.screen.send("=\r")
    yield from smew.wait(0.5)
    smew.proxy.accept()
    yield from smew.until("the message", smew.drawn(b"body of the first"))


# ---- a server that is away ----

def refused_at_first(smew):
    smew.proxy.refuse()
    smew.launch()
    yield from smew.until("the reason", smew.drawn(b"Connection refused"))
    smew.proxy.accept()
    yield from smew.until("the index", smew.drawn(b"the fourth"))
    smew.mailbox.deliver("fifth")
    yield from news(smew)


def restarted(smew):
    yield from smew.start()
    yield from idle(smew)
    smew.mailbox.server.stop()
    smew.proxy.refuse()
    yield from smew.until("the reason", smew.drawn(b"ffline"))
    yield from shows(smew, 4)
    smew.mailbox.server.start()
    smew.proxy.accept()
    smew.mailbox.deliver("fifth")
    yield from news(smew)


# ---- a smew that was stopped ----

def stopped(how, clock=None):
    def story(smew):
        yield from smew.start()
        yield from idle(smew)
        os.kill(smew.screen.pid, signal.SIGSTOP)
        smew.proxy.cut(how)
        smew.mailbox.deliver("fifth")
        if clock:
            set_clock(smew, clock)
        yield from smew.wait(2)
        os.kill(smew.screen.pid, signal.SIGCONT)
        yield from news(smew)
        assert len(smew.proxy.connections) in (2, 3)
    return story


def set_clock(smew, shift):
    path = smew.client.home + "/clock"
    with open(path + ".new", "w", encoding="ascii") as out:
        out.write(shift + "\n")
    os.rename(path + ".new", path)


STORIES = {
    "dead connection, used": used,
    "no greeting": no_greeting,
    "asked in the dark": asked_in_the_dark,
    "asked offline": asked_offline,
    "held": held,
    "slow": slow,
    "refused at first": refused_at_first,
    "server restarted": restarted,
    "stopped, end": stopped("fin"),
    "stopped, reset": stopped("rst"),
    "stopped, clock ahead": stopped("rst", "+5d"),
    "stopped, clock behind": stopped("rst", "-5d"),
}
LIMITS = {"dead connection, used": IDLE_STEP}
if ALL:
    STORIES["dead connection, not used"] = not_used
    LIMITS["dead connection, not used"] = RENEWAL + IDLE_STEP


def make_smew(make_client, server, number, name):
    plan, env, program = None, {}, None
    if name == "slow":
        plan = lambda _: Fault(delay=0.2, rate=3000)
    if "clock" in name:
        # An address sanitizer does not let anything come before it.
        program = os.environ.get("SMEW_PLAIN")
        env = {"LD_PRELOAD": FAKETIME[0], "FAKETIME_NO_CACHE": "1",
               "DONT_FAKE_MONOTONIC": "1",
               "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    smew = Smew(make_client, Mailbox(server, number), "openly",
                STORIES[name], plan, program, env)
    if "clock" in name:
        set_clock(smew, "+0")
        smew.env["FAKETIME_TIMESTAMP_FILE"] = smew.client.home + "/clock"
    smew.limit = max(60, LIMITS.get(name, 0) + BACK)
    smew.took = None
    return smew


@pytest.fixture(scope="module")
def stories(program, tmp_path_factory):
    """All of them at the same time, for most of it is waiting."""
    from client import Client

    def make_client(config):
        home = tmp_path_factory.mktemp("home")
        home.chmod(0o700)
        return Client(program, home, config=config)

    with NetworkDovecot(plaintext="only", users=100) as server, \
            NetworkDovecot(plaintext="only", users=100) as restarted_one:
        made = {name: make_smew(
            make_client, restarted_one if "restarted" in name else server,
            number, name) for number, name in enumerate(STORIES)}
        run(made.values(), len(made))
        yield made


@pytest.mark.parametrize("name", STORIES)
def test_story(stories, name):
    smew = stories[name]
    print("\n%s: %.1f s" % (name, smew.took or -1))
    assert smew.problem is None, smew.problem
    assert smew.client.sanitizer_reports() == []
    if name in LIMITS:
        assert smew.took < LIMITS[name] + BACK


# ---- keys in the dark ----

# From the first message and back to it; each of them changes the screen.
KEYS = ["j", "j", "k", "\r", " ", "i", "?", "q", ":", "\x07", "F", "F",
        "/", "\x07", "*", "k", "c", "\x07", "\x0c", "="]


def answered(screen, key):
    """Seconds from the key to the first octet of what it does."""
    while screen.pump(0.03):
        pass
    began = time.monotonic()
    screen.send(key)
    ready = select.select([screen.fd], [], [], 30)[0]
    took = time.monotonic() - began
    assert ready, "no answer to %r" % key
    return took


def test_every_key_is_answered_in_the_dark(make_client):
    def nothing(smew):
        yield

    with NetworkDovecot(users=1) as server:
        mailbox = Mailbox(server, 0)
        with server.as_owner():
            for number, mail in enumerate(
                    m for m in Sample(size=300).mails()
                    if m.folder == "INBOX"):
                path = os.path.join(mailbox.path, "cur", "1700001%03d.s.x:2,"
                                    % number)
                with open(path, "wb") as out:
                    out.write(mail.data)
        smew = Smew(make_client, mailbox, "imaps", nothing)
        smew.launch()
        screen = smew.screen
        screen.wait_for(lambda s: smew.complete(304), 60)
        screen.send("=")
        screen.settle()
        smew.proxy.swallow()
        times = []
        end = time.monotonic() + DARK
        while time.monotonic() < end:
            times += [answered(screen, key) for key in KEYS]
        smew.proxy.restore()
        mailbox.deliver("fifth")
        screen.wait_for(lambda s: smew.complete(305), 60)
        smew.close()
    times.sort()
    print("\n%d keys: p50 %.1f ms, p99 %.1f ms, max %.1f ms" % (
        len(times), 1e3 * statistics.median(times),
        1e3 * times[len(times) * 99 // 100], 1e3 * times[-1]))
    assert len(times) >= len(KEYS)
    assert isinstance(screen, Unwatched)


# ---- each way to fall silent ----

@pytest.mark.skipif(not ALL, reason="takes minutes: SMEW_ALL=1")
def test_silence_anywhere(make_client):
    """The answers end somewhere, the connection does not."""
    def story(smew):
        began = time.monotonic()
        yield from smew.start()
        yield from smew.until("the message", smew.drawn(
            b"body of the fourth"), "i*\r")
        smew.opened = time.monotonic() - began
        smew.mailbox.deliver("fifth")
        yield from news(smew, after="i")

    with NetworkDovecot(plaintext="only", users=200) as server:
        smews = []
        for number in range(80):
            side = (FROM_SERVER, FROM_CLIENT)[number % 4 == 0]
            place = number * (4000, 500)[number % 4 == 0] // 80
            smews.append(Smew(
                make_client, Mailbox(server, number), "openly", story,
                lambda n, at=(side, place): Fault(stall=at) if n == 0
                else None))
            smews[-1].limit = 2 * SILENCE + BACK
            smews[-1].opened = smews[-1].took = 0.0
        done = run(smews, len(smews))
    print("\n%d silences, over after at most %.1f s" % (
        len(done), max(smew.opened + smew.took for smew in done)))
    problems = ["behind octet %r: %s" % (
        smew.proxy.plan(0).stall, smew.problem)
        for smew in done if smew.problem]
    assert not problems, "\n".join(problems)


SLOW_FILL = """
when UID FETCH *
await rest
rows
S: $tag OK
end
when UID FETCH 1:48 *
rows
S: $tag OK
end
""" + 3 * """
once UID FETCH *
rows
S: $tag OK
end
""" + """
once UID FETCH *
await go
rows
S: $tag OK
end
"""


def test_the_oldest_come_when_they_are_looked_at(play):
    """To the first message while the list is being filled from the other end:
    it is fetched next, before the thousands between."""
    one = play(SLOW_FILL, has=" ".join(map(str, range(1, 4001))),
               capabilities="IDLE")
    one.start()
    one.wait("Message 4000")
    one.said("UID FETCH")
    one.screen.send("=")
    one.wait(lambda s: s.current() and s.current().number == 1)
    one.script.go("go")
    one.wait(lambda s: s.current() and s.current().subject == "Message 1")
    assert len(one.uids()) < 3000
    one.script.go("rest")
    one.wait("Msgs:4000")
    one.wait(lambda s: s.current() and s.current().subject == "Message 1")
    one.said("IDLE")
