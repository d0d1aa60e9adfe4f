# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox on the screen: what is on its way, what the user decides."""

import fcntl
import os
import random
import re
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

from dovecot import Dovecot
from exim import Exim
from network import PASSWORD
from smtp import Smtp

LIMIT = 60


class Home:
    """A server, smew's files, and messages that come from the outside."""

    def __init__(self, make_client, mailboxes, server):
        self.server = server
        self.client = make_client(mailboxes.tunnel, server.settings())

    def batch(self, *arguments):
        return subprocess.run(
            [self.client.program, "-n", "-F", self.client.config, *arguments],
            input=b"Hello.\n", env=self.client.env, capture_output=True,
            timeout=LIMIT, check=False).returncode

    def refused(self, subject, *to):
        self.server.replies["RCPT"] = [b"550 5.1.1 no such user"]
        assert self.batch("-s", subject, *(to or ["bob@example.net"])) == 1
        del self.server.replies["RCPT"]

    def uncertain(self, subject):
        self.server.cut_at = (".", "before")
        assert self.batch("-s", subject, "bob@example.net") == 1
        self.server.cut_at = None
        self.server.delivered.clear()

    def start(self, **more):
        screen = self.client.start(**more)
        screen.wait_index(20)
        return screen


@pytest.fixture(name="home")
def home_fixture(make_client, server):
    with Smtp() as smtp:
        yield Home(make_client, server, smtp)


def outbox(screen):
    screen.send(":outbox\r")
    screen.wait_for("Outbox: ")


def test_refused_and_once_more(home):
    home.refused("Gr\u00fc\u00dfe")
    screen = home.start()
    screen.wait_for("1 message in the outbox waits for you")
    outbox(screen)
    screen.wait_for("1 for you to decide")
    screen.wait_for(r"not sent +bob@example.net +Gr\u00fc\u00dfe")
    screen.wait_for("550 5.1.1 no such user")
    screen.send("s")
    screen.wait_for(r":\d\d +sent +bob@example.net +Gr\u00fc\u00dfe")
    screen.wait_for("0 for you to decide")
    assert len(home.server.delivered) == 1


def test_uncertain_asks_before_it_is_repeated(home):
    home.uncertain("in doubt")
    screen = home.start()
    outbox(screen)
    screen.wait_for(r"uncertain +bob@example.net +in doubt")
    screen.send("s")
    screen.wait_for("Send it once more")
    screen.send("\r")
    screen.settle()
    assert home.server.delivered == []
    screen.wait_for("uncertain")
    screen.send("s")
    screen.wait_for("Send it once more")
    screen.send("y")
    screen.wait_for(r":\d\d +sent +bob@example.net +in doubt")
    assert len(home.server.delivered) == 1


def test_taken_for_sent(home):
    """Also its copy is stored then."""
    home.uncertain("it arrived")
    screen = home.start()
    outbox(screen)
    screen.wait_for("uncertain")
    screen.send("a")
    screen.wait_for(r":\d\d +sent +bob@example.net +it arrived")
    screen.wait_for("0 on the way, 0 for you")
    assert home.server.delivered == []


def test_some_are_refused(home):
    home.refused("two", "bob@example.net", "eve@example.net")
    screen = home.start()
    outbox(screen)
    screen.wait_for(r"not sent +bob@example.net \+1 +two")
    home.server._counts.clear()
    home.server.replies["RCPT"] = [b"250 ok", b"550 no such user"]
    screen.send("p")
    screen.wait_for("but not to eve@example.net")
    mail, = home.server.delivered
    assert mail.recipients == ["bob@example.net"]


def test_later_and_dropped(home):
    home.refused("one")
    screen = home.start()
    outbox(screen)
    screen.wait_for("not sent")
    screen.send("l")
    screen.wait_for("Send at")
    screen.send("never\r")
    screen.wait_for("no time to come")
    screen.send("l+2h\r")
    screen.wait_for(r"waits +bob@example.net")
    screen.send(":send-later +3h\r")
    screen.settle()
    screen.send("d")
    screen.wait_for("Give this message up")
    screen.send("n")
    screen.settle()
    screen.wait_for("waits")
    screen.send("d")
    screen.wait_for("Give this message up")
    screen.send("y")
    screen.wait_for("Nothing is on its way out")
    assert home.server.delivered == []


def test_others_add_to_it(home):
    """The smew on the screen sends what a batch has left to it."""
    screen = home.start()
    outbox(screen)
    assert home.batch("--queue", "-s", "from a script",
                      "bob@example.net") == 0
    screen.wait_for(r":\d\d +sent +bob@example.net +from a script")
    assert home.batch("-s", "another", "bob@example.net") == 0
    screen.wait_for(r":\d\d +sent +bob@example.net +another")
    assert len(home.server.delivered) == 2


def test_once_more_now(home):
    """What failed for now is tried again by itself, or by a key at once."""
    screen = home.start()
    home.server.replies["RCPT"] = [b"450 later", b"250 ok"]
    assert home.batch("--queue", "-s", "patience", "bob@example.net") == 0
    screen.wait_for("Not sent yet, it will be tried again")
    screen.send("\x1bR")
    screen.wait_for('Sent: "patience"')
    assert len(home.server.delivered) == 1


def test_hostile_words(home):
    """What a server says is sanitised before it is shown."""
    home.server.replies["RCPT"] = [
        b"550 \x1b]0;evil\x07 \xe2\x80\xaeabc \x1b[31m no"]
    assert home.batch("-s", "x\u202ey", "bob@example.net") == 1
    screen = home.start()
    outbox(screen)
    screen.wait_for("550")
    text = "\n".join(screen.lines())
    assert "\u202e" not in text and "\x1b" not in text
    assert not re.search("[\x00-\x09\x0b-\x1f]", text)


def test_taken_back_and_sent(home):
    """What was refused is edited, and goes out once."""
    home.refused("with a fault")
    screen = home.start()
    outbox(screen)
    screen.wait_for("not sent")
    screen.send("e")
    screen.wait_for("Subject: +with a fault")
    screen.wait_for("To: +bob@example.net")
    screen.send("s")
    screen.send("\x15without\r")
    screen.wait_for("Subject: +without")
    screen.send("y")
    screen.wait_for("INBOX")
    outbox(screen)
    screen.wait_for(r"waits +bob@example.net +without")
    screen.send("s")
    screen.wait_for(r":\d\d +sent +bob@example.net +without")
    assert "with a fault" not in screen.text()
    assert len(home.server.delivered) == 1


def test_quit_asks_about_what_waits(home):
    home.refused("one")
    screen = home.start()
    outbox(screen)
    screen.wait_for("not sent")
    screen.send("e")
    screen.wait_for("Subject: +one")
    screen.send("y")
    screen.settle()
    screen.send("q")
    screen.wait_for("1 message is not sent yet")
    screen.send("x")
    screen.settle()
    assert home.server.delivered == []
    screen.send("q")
    screen.wait_for("1 message is not sent yet")
    screen.send("s")
    assert screen.wait_exit() == 0
    assert len(home.server.delivered) == 1


def test_link_at_a_terminal(make_client, server):
    """It begins a message that the user sees; no file goes with it."""
    with Smtp() as smtp:
        client = make_client(server.tunnel, smtp.settings() +
                             "set editor = true\nset send_delay = 0\n"
                             "set abort_unmodified = no\n")
        screen = client.start("mailto:bob@example.net?subject=a%20link"
                              "&body=one%0D%0Atwo&attach=/etc/passwd")
        screen.wait_for("To: bob@example.net")
        screen.send("\r")
        screen.wait_for("Subject: a link")
        assert smtp.delivered == []
        screen.send("\r")
        screen.wait_for("y:Send")
        screen.wait_for("Subject: +a link")
        screen.send("y")
        screen.wait_for('Sent: "a link"')
        mail, = smtp.delivered
        assert b"one\r\ntwo" in mail.data and b"root:" not in mail.data
        assert b"multipart" not in mail.data


def test_keys_while_a_large_message_goes_out(home, tmp_path):
    """Over a slow line: the screen goes on, and all of it arrives."""
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * (4096 * 3))
    screen = home.start()
    home.server.octets_per_second = 1_000_000
    assert home.batch("--queue", "-s", "large", "-a", str(large), "--",
                      "bob@example.net") == 0
    screen.wait_for("Sending")
    first = screen.current().number
    for n in range(1, 21):
        screen.send("j")
        screen.wait_for(lambda s, n=n: s.current() and
                        s.current().number == first + n)
    assert home.server.delivered == []
    home.server.octets_per_second = None
    screen.wait_for('Sent: "large"', limit=LIMIT)
    assert len(home.server.delivered[0].data) > large.stat().st_size


def test_doubt_that_the_server_resolves(make_client, server):
    """Where it files what is sent, its copy tells."""
    with Smtp() as smtp:
        smtp.on_accepted = lambda mail: server.deliver(mail.data, "Sent")
        client = make_client(server.tunnel, smtp.settings() +
                             "set server_keeps_sent = yes\n")
        smtp.cut_at = (".", "before")
        assert client.run("-s", "in doubt", "bob@example.net",
                          stdin="x").returncode == 1
        smtp.cut_at = None
        screen = client.start()
        screen.wait_index(20)
        screen.wait_for("A message that was in doubt was sent")
        outbox(screen)
        screen.wait_for(r":\d\d +sent +bob@example.net +in doubt")
        assert len(smtp.delivered) == 1


def test_doubt_that_inbox_resolves(make_client, server):
    """What came back to oneself was sent, too; with one connection alone,
    which the open mailbox has."""
    with Smtp() as smtp:
        smtp.on_accepted = lambda mail: server.deliver(mail.data)
        client = make_client(server.tunnel, smtp.settings() +
                             "set server_keeps_sent = yes\n"
                             "set imap_connections = 1\n")
        smtp.cut_at = (".", "before")
        assert client.run("-s", "in doubt", "bob@example.net",
                          stdin="x").returncode == 1
        smtp.cut_at = None
        screen = client.start()
        screen.wait_for("A message that was in doubt was sent")
        screen.wait_index(20)
        first = screen.current().number
        screen.send("k")
        screen.wait_for(lambda s: s.current() and
                        s.current().number == first - 1)
        assert len(smtp.delivered) == 1


def test_copy_is_looked_for_with_one_connection(make_client, server):
    """The open mailbox lends it, and has it back."""
    with Smtp() as smtp:
        smtp.on_accepted = lambda mail: server.deliver(mail.data, "Sent")
        client = make_client(server.tunnel, smtp.settings() +
                             "set server_keeps_sent = yes\n"
                             "set imap_connections = 1\n")
        screen = client.start()
        screen.wait_index(20)
        queued(client, "one")
        screen.wait_for("Sent: .one")
        assert settled(client, screen) == [DONE]
        with server.client() as imap:
            imap.select("Sent", readonly=True)
            _, found = imap.search(None, "SUBJECT", "one")
            assert len(found[0].split()) == 1
        server.deliver(b"Subject: A new one\r\n\r\nText.\r\n")
        screen.wait_for("New mail in INBOX", limit=LIMIT)


@pytest.mark.parametrize("config, mailbox", [
    ("", "Sent"), ("set record = =Letters/Sent\n", "Letters/Sent")])
def test_mailbox_of_copies_is_made(make_client, tmp_path, config, mailbox):
    with Smtp() as smtp, Dovecot() as bare:
        bare.deliver(b"Subject: x\r\n\r\nText.\r\n")
        client = make_client(bare.tunnel, smtp.settings() + config)
        screen = client.start()
        screen.wait_index(1)
        queued(client, "first")
        screen.wait_for("The mailbox %s did not exist, and was made."
                        % mailbox)
        assert settled(client, screen) == [DONE]
        with bare.client() as imap:
            assert imap.select(mailbox, readonly=True)[1] == [b"1"]


def test_doubt_stays_where_nothing_is_found(make_client, server):
    with Smtp() as smtp:
        client = make_client(server.tunnel, smtp.settings() +
                             "set server_keeps_sent = yes\n")
        smtp.cut_at = (".", "before")
        assert client.run("-s", "in doubt", "bob@example.net",
                          stdin="x").returncode == 1
        smtp.cut_at = None
        screen = client.start()
        screen.wait_for("1 message in the outbox waits for you")
        outbox(screen)
        screen.wait_for("uncertain")
        screen.settle(1)
        screen.wait_for("uncertain")
        assert smtp.connections == 1


# ---- what is asked ----

def queued(client, subject):
    assert client.run("--queue", "-s", subject, "bob@example.net",
                      stdin="x").returncode == 0


def test_password_is_asked_for(make_client, server):
    with Exim() as exim:
        config = "".join(line for line in exim.settings().splitlines(True)
                         if "smtp_pass" not in line)
        client = make_client(server.tunnel, config)
        queued(client, "secret")
        screen = client.start()
        screen.wait_for("Password for sending as anna@localhost")
        screen.send("wrong\r")
        screen.wait_for("did not let anna in")
        screen.wait_for("Password for sending as anna@localhost")
        screen.send(PASSWORD + "\r")
        screen.wait_for('Sent: "secret"')
        exim.wait(1)


def test_certificate_is_asked_about(make_client, server):
    """A key that was accepted for good counts for the next message too."""
    with Exim() as exim:
        config = "".join(line for line in exim.settings().splitlines(True)
                         if "ssl_ca" not in line)
        client = make_client(server.tunnel, config)
        queued(client, "first")
        screen = client.start()
        screen.wait_for("The server localhost, port %d, cannot be trusted"
                        % exim.smtps_port)
        screen.send("n")
        screen.settle()
        assert exim.messages() == []
        outbox(screen)
        screen.wait_for("again +bob@example.net +first")
        screen.send("s")
        screen.wait_for("cannot be trusted")
        screen.send("a")
        exim.wait(1)
        assert client.run("-s", "second", "bob@example.net",
                          stdin="x").returncode == 0
        exim.wait(2)


# ---- kills ----

def entries(client):
    path = client.home + "/state/smew/default/journal.db"
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as db:
        return db.execute("SELECT state, subject FROM outbox").fetchall()


def test_copy_that_another_one_left(make_client, server, tmp_path):
    """Who takes over stores it, too: the one that was killed may hold the
    outbox for an instant longer."""
    gate = tmp_path / "open"
    with Smtp() as smtp:
        client = make_client("test -e %s && exec %s" % (gate, server.tunnel),
                             smtp.settings())
        assert client.run("-s", "left", "bob@example.net",
                          stdin="x").returncode == 0
        assert entries(client)[0][0] == SENT
        gate.write_text("")
        with open(client.home + "/state/smew/default/sender.lock",
                  "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            screen = client.start()
            screen.wait_index(20)
            screen.settle()
            assert entries(client)[0][0] == SENT
        assert settled(client, screen) == [DONE]
        assert len(smtp.delivered) == 1


STEPS = [("", "before"), ("EHLO", "before"), ("AUTH", "before"),
         ("AUTH", "after"), ("MAIL", "before"), ("RCPT", "before"),
         ("DATA", "before"), ("DATA", "after"), ("CONTENT", "before"),
         (".", "before"), (".", "after"), ("QUIT", "before")]
REPEATED = STEPS[:7]    # the server was not asked to take anything yet
DOUBTFUL = STEPS[8:10]  # it may have it, and has not said so
UNCERTAIN, SENT, DONE = 3, 5, 6


def settled(client, screen):
    """The states of all, when nothing is on its way any more."""
    screen.wait_for(lambda s: all(state in (DONE, UNCERTAIN) for state, _ in
                                  entries(client)), limit=LIMIT)
    return [state for state, _ in entries(client)]


def check_step(step, state, delivered):
    """Delivered once, or it may have been and the user is asked."""
    assert delivered == 1 if state == DONE else delivered < 2, step
    if step in REPEATED:
        assert state == DONE, step
    if step in DOUBTFUL:
        assert state == UNCERTAIN, step


@pytest.fixture(name="signing_in")
def signing_in_fixture(make_client, server):
    with Smtp(auth=True) as smtp:
        yield smtp, make_client(server.tunnel, smtp.settings())


@pytest.mark.parametrize("step", STEPS, ids="-".join)
def test_killed_at_each_step(signing_in, step):
    """While the screen's session sends: the next start goes on."""
    smtp, client = signing_in
    started, killed = threading.Event(), threading.Event()
    screens = []

    def kill(verb, when):
        if (verb, when) == step and not killed.is_set():
            started.wait(LIMIT)
            killed.set()
            os.kill(screens[0].pid, signal.SIGKILL)
    smtp.on_step = kill
    queued(client, "killed")
    screens.append(client.start())
    started.set()
    screens[0].wait_exit()
    assert killed.is_set()
    screen = client.start()
    screen.wait_index(20)
    state, = settled(client, screen)
    check_step(step, state, len(smtp.delivered))
    if state == UNCERTAIN:
        screen.wait_for("1 message in the outbox waits for you")
        outbox(screen)
        screen.wait_for("uncertain +bob@example.net")
        screen.wait_for("smew ended while the server was taking it")


@pytest.mark.parametrize("step", STEPS, ids="-".join)
def test_line_breaks_at_each_step(signing_in, step):
    """The screen says so, and repeats what may be."""
    smtp, client = signing_in
    screen = client.start()
    screen.wait_index(20)
    smtp.cut_at = step
    queued(client, "broken")
    found = screen.wait_for(
        r"Not sent yet, it will be tried again|Sent: .broken|"
        r"It is not known whether .broken. was sent, and it is not rep")[0]
    smtp.cut_at = None
    assert found.startswith("Not sent yet") == (step in REPEATED)
    screen.send("\x1bR")
    state, = settled(client, screen)
    check_step(step, state, len(smtp.delivered))


def test_kills_of_the_screen(make_client, server):
    """Killed while its session sends and files: nothing goes twice, nothing
    is lost."""
    rounds = 100 if os.environ.get("SMEW_ALL") == "1" else 6
    chosen = random.Random(3)
    done, uncertain = 6, 3
    with Smtp() as smtp:
        client = make_client(server.tunnel, smtp.settings())
        for n in range(rounds):
            queued(client, "number %d" % n)
            screen = client.start()
            screen.pump(chosen.random() * (0.3 if n % 2 else 1.6))
            os.kill(screen.pid, signal.SIGKILL)
            screen.wait_exit()
        screen = client.start()
        limit = time.monotonic() + 90
        while any(state not in (done, uncertain)
                  for state, _ in entries(client)):
            assert time.monotonic() < limit, entries(client)
            screen.pump(0.2)
        arrived = [re.search(rb"Subject: (.*)\r", mail.data)[1].decode()
                   for mail in smtp.delivered]
        assert len(arrived) == len(set(arrived))
        doubtful = [s for state, s in entries(client) if state == uncertain]
        everything = {"number %d" % n for n in range(rounds)}
        assert set(arrived) | set(doubtful) == everything
        with server.client() as imap:
            imap.select("Sent", readonly=True)
            _, found = imap.search(None, "SUBJECT", '"number"')
            filed = len(found[0].split())
        assert filed == rounds - len(doubtful)
