# SPDX-License-Identifier: GPL-3.0-or-later
"""The same client on the other real server: Cyrus, with its two ways of
naming folders."""

import re

import cyrus
import pytest
from sample import Sample

MAIL = (b"From: Rita Novak <rita@example.org>\nSubject: %s\n"
        b"Message-ID: <%s@example.org>\n\nhello\n")
MECHANISMS = ["scram-sha-256-plus", "scram-sha-256", "scram-sha-1-plus",
              "scram-sha-1", "cram-md5", "plain", "login"]
TREE = ["Archive", "2024", "Sent", "Brücke", "Наблюдения", "写真"]


def need_cyrus():
    if cyrus.where() is None:
        pytest.skip("there is no Cyrus: tools/deps gets it")


@pytest.fixture(scope="module", params=[(True, "/"), (False, ".")],
                ids=["alt", "inbox-dot"])
def named(request):
    need_cyrus()
    with cyrus.Cyrus(*request.param) as server:
        server.fill(Sample(size=60))
        yield server


@pytest.fixture(scope="module")
def net():
    need_cyrus()
    with cyrus.Cyrus() as server:
        server.fill(Sample(size=60))
        yield server


def log_of(client):
    with open(client.home + "/log", encoding="utf-8") as text:
        return text.read()


def started(client):
    return client.start("-d", "3", "-l", client.home + "/log")


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_mechanisms(net, make_client, mechanism):
    client = make_client(config=net.settings()
                         + "set imap_authenticators = %s\n" % mechanism)
    with started(client) as screen:
        screen.wait_index(20)
    assert "AUTHENTICATE " + mechanism.upper() in log_of(client)


def test_ntlm(make_client):
    """Only where it is named; its server side needs a Cyrus of its own."""
    need_cyrus()
    with cyrus.Cyrus(mechanisms="NTLM PLAIN") as server:
        server.fill(Sample(size=30))
        client = make_client(config=server.settings()
                             + "set imap_authenticators = ntlm\n")
        with started(client) as screen:
            screen.wait_index(10)
        assert "AUTHENTICATE NTLM" in log_of(client)


def test_binding_is_learned(net, make_client):
    """It binds to tls-unique over TLS 1.3, and refuses tls-exporter. What
    would not bind at all is not tried; the next time it is known."""
    client = make_client(config=net.settings())
    with started(client) as screen:
        screen.wait_index(20)
        screen.send("q")
        screen.wait_exit()
    said = re.findall(r"> \w+ AUTHENTICATE (\S+)", log_of(client))
    assert said[:2] == ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS"]
    assert "bad protocol" in log_of(client)
    again = log_of(client).count("bad protocol")
    with started(client) as screen:
        screen.wait_for(lambda _: log_of(client).count("-> ready")
                        > log_of(client).count("opened") - 1)
        screen.send("q")
        screen.wait_exit()
    assert log_of(client).count("bad protocol") == again


def test_starttls(net, make_client):
    client = make_client(config=net.settings("imap"))
    with started(client) as screen:
        screen.wait_index(20)
    assert re.search(r"STARTTLS[^$]*AUTHENTICATE SCRAM-SHA-256-PLUS",
                     log_of(client))


def test_wrong_password(net, make_client):
    client = make_client(config=net.settings() + "set imap_pass = wrong\n")
    with client.start() as screen:
        screen.wait_for("authentication failure - Password for anna@localhost")
        screen.send(cyrus.PASSWORD + "\r")
        screen.wait_index(20)


def test_folders(named, make_client):
    """Names, counts and uses, whatever stands before them."""
    client = make_client(config=named.settings())
    with client.start() as screen:
        screen.wait_index(20)
        for name in TREE:
            screen.wait_for(name)
        with named.client() as imap:
            imap.check_ok(imap.append(
                '"%s"' % named.name("Family"), "()", None,
                (MAIL % (b"at home", b"h1")).replace(b"\n", b"\r\n")))
        screen.send("c%s\r" % (named.prefix + "Family"))
        screen.wait_for(r"smew: \S*Family \[Msgs:\d")
        screen.wait_for("at home")


def test_folders_made_and_removed(named, make_client):
    """Cyrus forbids names outside of its namespace; it has ACL and quota."""
    client = make_client(config=named.settings())
    made = named.prefix + "Würfel" + named.separator + "2026"
    with started(client) as screen:
        screen.wait_index(20)
        screen.wait_for("Family")
        screen.send(":create =Würfel/2026\r")
        screen.wait_for("Mailbox %s is there" % re.escape(made), 60)
        screen.wait_for("^ *2026 *│", 60)
        screen.send(":rename =%s =Kegel\r" % made)
        screen.wait_for("Mailbox %s is called %sKegel now" % (
            re.escape(made), re.escape(named.prefix)), 60)
        screen.wait_for("^ *Kegel *│", 60)
        screen.send(":delete =%sKegel\r" % named.prefix)
        screen.wait_for("Delete =.*Kegel, which has no messages", 60)
        screen.send("y")
        screen.wait_for("Kegel was deleted", 60)
        assert "MYRIGHTS" in log_of(client)


def test_push_and_compression(named, make_client):
    client = make_client(config=named.settings())
    with started(client) as screen:
        screen.wait_index(20)
        screen.send("*")
        screen.wait_for(lambda s: s.current() and s.current().number >= 60)
        named.deliver(MAIL % (b"knock knock", b"k1"))
        screen.wait_for("knock knock", 60)
        with named.client() as imap:
            uid = imap.uids(query='SUBJECT "knock knock"')[-1]
            imap.flag(uid, "+\\Flagged")
            screen.wait_for(lambda s: "!" in s.row_of("knock knock").flags, 60)
            imap.flag(uid, "-\\Flagged")
            screen.wait_for(
                lambda s: "!" not in s.row_of("knock knock").flags, 60)
            imap.remove(uid)
        screen.wait_for(lambda s: not s.row_of("knock knock"), 60)
        # What smew does itself.
        before = screen.current().subject
        screen.send("F")
        screen.wait_for(lambda s: "!" in s.current().flags)
        assert screen.current().subject == before
        with named.client() as imap:
            screen.wait_for(lambda _: imap.uids(query="FLAGGED"), 60)
    assert "OK DEFLATE active" in log_of(client)


def test_after_being_away(net, make_client):
    """QRESYNC tells flags, removals and arrivals of the meantime."""
    net.deliver(MAIL % (b"stays", b"a1"))
    net.deliver(MAIL % (b"goes", b"a2"))
    client = make_client(config=net.settings())
    with started(client) as screen:
        screen.wait_index(20)
        screen.send("*")
        screen.wait_for("goes")
        screen.send("q")
        screen.wait_exit()
    with net.client() as imap:
        imap.flag(imap.uids(query='SUBJECT "stays"')[-1], "+\\Flagged")
        imap.remove(imap.uids(query='SUBJECT "goes"')[-1])
    net.deliver(MAIL % (b"arrives", b"a3"))
    with started(client) as screen:
        screen.send("*")
        screen.wait_for(lambda s: s.row_of("arrives") and not s.row_of("goes")
                        and "!" in s.row_of("stays").flags, 60)
    assert re.search(r"SELECT \S+ \(QRESYNC \(", log_of(client))
    assert "VANISHED (EARLIER)" in log_of(client)


def test_restart(make_client):
    need_cyrus()
    with cyrus.Cyrus() as server:
        server.fill(Sample(size=20))
        client = make_client(config=server.settings())
        with client.start() as screen:
            screen.wait_index(15)
            server.stop()
            screen.wait_for("offline", 60)
            server.start()
            server.deliver(MAIL % (b"after the restart", b"r1"))
            screen.send("\x1bR*")
            screen.wait_for("after the restart", 60)
