# SPDX-License-Identifier: GPL-3.0-or-later
"""smew ends while a message is written or goes out: killed, hung up, told to
end, its terminal gone. No text is lost and nothing is sent twice.

The instants are a few by default, SMEW_ALL=1 takes many.
"""

import os
import random
import re
import signal
import time

import pytest
from writer import SENDMAIL, recover, wait_for_file

WAITING, SENDING, DELIVERING, UNCERTAIN, REFUSED, SENT, DONE, HELD = range(8)
ALL = os.environ.get("SMEW_ALL") == "1"
LIMIT = 60
GONE = "the terminal"


def begin_end(screen, how):
    """Ends smew, or takes its terminal away."""
    if how is not GONE:
        screen.kill(how)
        return
    os.close(screen.fd)
    screen.fd = -1


def end(screen, how):
    """The same; returns when it has ended."""
    begin_end(screen, how)
    if how is not GONE:
        screen.wait_exit()
    else:
        wait_until(lambda: screen._reap(0) is not None, "it did not end")


def runs(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="latin-1") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(check, *what):
    limit = time.monotonic() + LIMIT
    while not check():
        assert time.monotonic() < limit, what
        time.sleep(0.02)


# ---- in the editor ----

def begin(writer, body):
    """Until the editor has saved once; its process id."""
    writer.editor("echo 'Saved once.' >> \"$1\"; echo $$ > %s/pid; "
                  "touch %s/saved; %s" % (writer.tmp, writer.tmp, body))
    screen = writer.start()
    screen.send("m")
    writer.answer("To: ", "bob\r")
    writer.answer("Subject: ", "Ended\r")
    wait_for_file(writer.tmp / "saved")
    return int((writer.tmp / "pid").read_text())


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM, GONE])
def test_end_in_the_editor(writer, how):
    """The editor is told, keeps what it has and ends; smew, too."""
    editor = begin(writer, "trap \"echo 'Saved at the end.' >> '$1'; exit\" "
                           "HUP; n=0; while [ $((n += 1)) -lt 2400 ]; do "
                           "sleep 0.05; done")
    screen = writer.screen
    end(screen, how)
    assert screen.status == 0
    wait_until(lambda: not runs(editor), "the editor")
    screen = recover(writer, "Saved once.", "Saved at the end.",
                     "Subject: Ended", "bob@example.net")
    screen.send("y")
    message, = writer.sent()
    assert message.get_content() == "Saved once.\nSaved at the end.\n"
    writer.wait_no_drafts()


@pytest.mark.parametrize("how", [signal.SIGTERM, GONE])
def test_editor_that_goes_on(writer, how):
    """It is left alone, and smew ends nevertheless."""
    editor = begin(writer, "trap '' HUP; exec sleep 600")
    try:
        end(writer.screen, how)
        assert writer.screen.status == 0 and runs(editor)
        recover(writer, "Saved once.", "Subject: Ended")
    finally:
        os.kill(editor, signal.SIGKILL)


def test_interrupt_is_the_editors(writer):
    """^C in the editor ends neither."""
    begin(writer, "trap : INT; sleep 600 & wait; kill $!")
    writer.screen.send("\x03")
    writer.menu()
    writer.see("Saved once.")


# ---- in the menu ----

@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM, GONE])
def test_end_in_the_menu(writer, how):
    """What was typed an instant ago is there, too."""
    screen = writer.start()
    writer.write(subject="Hung up")
    screen.send("s\x15Changed at last\r")
    writer.see("Subject: Changed at last")
    end(screen, how)
    assert screen.status == 0
    recover(writer, "Subject: Changed at last", "Written in the editor.")


# ---- while a program has the message ----

SLOW = """#!/bin/sh
touch {tmp}/taken
n=0
while ! [ -e {tmp}/go ] && [ $((n += 1)) -lt 2400 ]; do sleep 0.05; done
"""
KEYS = {"x": "x", "q": "ql"}


def hand_over(writer):
    writer.script("sendmail", SLOW + SENDMAIL.partition("\n")[2])
    writer.option("set quit = yes")
    screen = writer.start()
    writer.write(subject="Handed over")
    screen.send("y")
    wait_for_file(writer.tmp / "taken")
    return screen


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM, GONE, "x",
                                 "q"])
def test_end_waits_for_the_program(writer, how):
    """What became of the message is known then."""
    screen = hand_over(writer)
    if how in KEYS:
        screen.send(KEYS[how])
    else:
        begin_end(screen, how)
    if how is not GONE:
        writer.see("Leaving when the message has gone out")
    assert screen._reap(0) is None
    (writer.tmp / "go").touch()
    wait_until(lambda: screen._reap(0) is not None, "the end")
    assert screen.status == 0
    assert writer.outbox() == [SENT]
    writer.start()
    writer.stored("Sent")
    assert len(writer.sent()) == 1


@pytest.mark.parametrize("key", ["x", "q", "\x03", None])
def test_end_does_not_wait_for_ever(writer, key):
    """Nor when the user does not want it to."""
    screen = hand_over(writer)
    screen.send("x")
    writer.see("Leaving when the message has gone out")
    if key:
        screen.send(key)
    assert screen.wait_exit(LIMIT) == 0
    assert writer.outbox() == [DELIVERING]
    (writer.tmp / "go").touch()
    writer.sent()
    writer.start()
    writer.see("1 message in the outbox waits for you")
    assert writer.outbox() == [UNCERTAIN]


# ---- what a kill leaves beside the outbox ----

def test_draft_that_was_sent(writer):
    """What the outbox has is not offered as a draft again."""
    screen = writer.start()
    writer.write(subject="Only once")
    screen.send("y")
    message, = writer.sent()
    writer.wait_no_drafts()
    end(screen, signal.SIGHUP)
    left = os.path.join(writer.client.home, "state/smew/default/drafts")
    for name, ident in (("1-00000001", message["Message-ID"].strip("<>")),
                        ("2-00000002", "another@example.org")):
        os.mkdir(os.path.join(left, name), 0o700)
        with open(os.path.join(left, name, "draft"), "w",
                  encoding="utf-8") as out:
            out.write("[draft]\nformat=1\nSubject=%s\nmessage-id=%s\n"
                      % (name, ident))
        with open(os.path.join(left, name, "message.eml"), "w",
                  encoding="utf-8") as out:
            out.write("Text.\n")
    screen = writer.start()
    writer.see("1 unfinished message was left")
    assert [path.name for path in writer.drafts()] == ["2-00000002"]
    screen.send("R")
    writer.see("Subject: 2-00000002")


# ---- at any instant ----

class Journey:
    """From the editor to the copy that is stored."""

    def __init__(self, writer):
        self.writer = writer
        writer.editor("echo 'Written once.' >> \"$1\"; "
                      "touch %s/saved; sleep 0.2" % writer.tmp)

    def until(self, instant):
        """Goes on until so many seconds after the editor has saved, or until
        all is done; returns how long it took."""
        writer, answered = self.writer, False
        screen = writer.start()
        screen.send("m")
        writer.answer("To: ", "bob\r")
        writer.answer("Subject: ", "Anywhere\r")
        wait_for_file(writer.tmp / "saved")
        start = time.monotonic()
        while time.monotonic() - start < instant and not self.is_done():
            screen.pump(0.005)
            if not answered and "-- Text" in screen.text():
                answered = True
                screen.send("y")
        return time.monotonic() - start

    def is_done(self):
        return self.writer.outbox() == [DONE]

    def check(self):
        """After it has ended: at the next start all comes right."""
        writer = self.writer
        screen = writer.start()
        screen.wait_for(lambda s: not any(
            state in (WAITING, SENDING, DELIVERING, SENT)
            for state in writer.outbox()), limit=LIMIT)
        states = writer.outbox()
        assert len(states) < 2
        if not states:
            screen.wait_for("1 unfinished message was left")
            screen.send("R")
            writer.see("Subject: Anywhere")
            writer.see("Written once.")
            screen.send("y")
            screen.wait_for(lambda s: self.is_done(), limit=LIMIT)
            states = [DONE]
        sent = list((writer.tmp / "sent").glob("mail-*"))
        if states == [UNCERTAIN]:
            screen.wait_for("1 message in the outbox waits for you")
            assert len(sent) < 2
        else:
            assert states == [DONE] and len(sent) == 1
            message, = writer.sent()
            assert message.get_content() == "Written once.\n"
            writer.stored("Sent")
        writer.wait_no_drafts()
        assert "unfinished" not in screen.text()
        return states[0]


WAYS = ([signal.SIGKILL] * (200 if ALL else 3) +
        [signal.SIGHUP] * (25 if ALL else 1) +
        [GONE] * (25 if ALL else 1) +
        [signal.SIGTERM] * (25 if ALL else 1))


@pytest.mark.parametrize("seed", range(len(WAYS)))
def test_end_anywhere(writer, seed):
    """An undisturbed journey takes about half a second."""
    journey = Journey(writer)
    took = journey.until(random.Random(seed).uniform(0, 0.6))
    screen = writer.screen
    end(screen, WAYS[seed])
    state = journey.check()
    print("ended", WAYS[seed], "after %.3f" % took, "state", state,
          re.sub(r"\s+", " ", screen.lines()[-1]))


def test_postponed_one_can_be_looked_for(writer):
    """Where its copy is cut off, it is looked for by its Message-ID."""
    screen = writer.start()
    writer.write(subject="Later")
    screen.send("P")
    writer.see("Message postponed.")
    (_, message), = writer.stored("Drafts")
    ident, = writer.outbox("message_id")
    assert ident and ident == message["Message-ID"]
