# SPDX-License-Identifier: GPL-3.0-or-later
"""The pane with the dialogue (:wire) and that of the connections: what they
show, and what they never show."""

import base64
import os
import re
import stat

import pytest
from network import PASSWORD, NetworkDovecot
from sample import Sample

SERVED = """S: * PREAUTH [CAPABILITY IMAP4rev1 ID] ready
when ID *
S: * ID ("name" "Scripted" "version" "7")
S: $tag OK
end
when LIST "" *
S: * LIST () "/" INBOX
S: $tag OK
end
when SELECT "INBOX"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 1] ok
S: * OK [UIDNEXT 1] ok
S: $tag OK [READ-WRITE] done
end
when STATUS *
S: * STATUS INBOX (MESSAGES 0 UNSEEN 0)
S: $tag OK
end
when NOOP
S: $tag OK
end
"""


@pytest.fixture(scope="module")
def net():
    with NetworkDovecot() as server:
        server.fill(Sample(size=60))
        yield server


def open_wire(screen, command=":wire\r"):
    screen.send(command)
    screen.wait_for(r"^Wire: .*following$")


def secrets():
    """The password as mechanisms send it, and the user in their answers."""
    plain = PASSWORD.encode()
    coded = [base64.b64encode(text).decode().rstrip("=") for text in (
        plain, b"\0anna\0" + plain)]
    # What LOGIN, CRAM-MD5 and SCRAM say begins with the user's name.
    heads = [base64.b64encode(text).decode()[:6] for text in (
        b"anna ", b"n,,n=anna")]
    return [PASSWORD, "c3ct h"] + coded + heads


def assert_no_secret(text):
    for secret in secrets():
        assert secret not in text, secret


def saved(screen, path):
    """What `s` writes of the whole dialogue."""
    screen.send("s")
    screen.wait_for("Save these lines to")
    screen.send("%s\r" % path)
    screen.wait_for("Saved to")
    with open(path, encoding="utf-8") as text:
        return text.read()


# ---- what is shown ----

def test_the_dialogue_and_its_states(net, make_client, tmp_path):
    client = make_client(config=net.settings())
    with client.start(columns=100, rows=30) as screen:
        screen.wait_index(10)
        open_wire(screen)
        screen.wait_for(r"< \+ idling")
        text = saved(screen, tmp_path / "dialogue")
        assert re.search(
            r"\* connecting to localhost port \d+\n.*\* connected\n"
            r".*\* TLSv1\.3, TLS_\w+\n.*< \* OK \[CAPABILITY.*\n"
            r".*\* signing in with SCRAM-SHA-256\n"
            r".*> s\d+ AUTHENTICATE SCRAM-SHA-256 <redacted>\n", text)
        assert re.search(r"\* authenticated\n", text)
        assert re.search(r'> s\d+ SELECT "INBOX".*\n', text)
        assert re.search(r"< s\d+ OK \[READ-WRITE\].*\n.*\* selected INBOX\n",
                         text)
        assert re.search(r"\* compressed\n", text)
        # A header is a literal: its number of octets, and nothing of it.
        assert re.search(r"< \* \d+ FETCH .*LIST-ID\)\] \{\d+\}", text)
        assert "Message-ID:" not in text
        assert re.match(r"smew [\d.]+, \d{4}-\d\d-\d\d \d\d:\d\d", text)
        assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} [<>*] ", text, re.M)
        assert_no_secret(text)


def test_client_and_server_in_two_colours(net, make_client):
    client = make_client(config=net.settings() +
                         "color wire_note red default\n")
    with client.start() as screen:
        screen.wait_index(10)
        open_wire(screen, "\x1bW")
        screen.wait_for(r"< \+ idling")
        colours = {}
        for pattern in (r"> s\d+ IDLE", r"< \+ idling"):
            row, column = screen.find(pattern)
            colours[pattern[0]] = screen.style(row, column).fg
        assert colours["<"] != colours[">"]
        screen.send("l^\\*\r")
        screen.wait_gone("< ")
        row, column = screen.find(r"\* selected INBOX")
        assert screen.style(row, column).fg == "red"


def test_it_follows_until_one_scrolls(net, make_client):
    client = make_client(config=net.settings())
    with client.start(columns=80, rows=24) as screen:
        screen.wait_index(10)
        open_wire(screen)
        screen.wait_for(r"< \+ idling")
        net.deliver(b"Subject: followed\n\nx\n")
        screen.wait_for(r"< \* 6\d EXISTS")
        screen.wait_for(r"< \+ idling\s+Wire: .*following")
        screen.send("kkkkkkkk")
        screen.wait_for(r"^Wire: .*\d+%$")
        screen.settle()
        top = screen.lines()[1:-2]
        before = int(re.search(r"([\d,.]+) lines", screen.text())[1])
        net.deliver(b"Subject: not followed\n\nx\n")
        screen.wait_for(lambda s: int(re.search(
            r"([\d,.]+) lines", s.text())[1]) > before + 3)
        assert screen.lines()[1:-2] == top
        screen.send("*")
        screen.wait_for(r"< \+ idling\s+Wire: .*following")
        screen.send("=")
        screen.wait_for(r"\* connecting to localhost")
        screen.send("q")
        screen.wait_index(10)


def test_search_and_help(net, make_client):
    client = make_client(config=net.settings())
    with client.start(columns=100, rows=60) as screen:
        screen.wait_index(10)
        open_wire(screen)
        screen.wait_for(r"< \+ idling")
        screen.send("=")
        screen.send("/capability imap4rev1\r")
        screen.wait_for(r"\A.*\n.*OK \[CAPABILITY IMAP4rev1 SASL-IR")
        screen.send("n")
        screen.wait_for(r"\A.*\n.*< s\d+ OK \[CAPABILITY")
        screen.send("/no such words\r")
        screen.wait_for("Not found.")
        screen.send("?")
        screen.wait_for("Keys: The wire")
        screen.wait_for(r"^l +wire-filter")
        screen.send("q")
        screen.wait_for("^Wire: ")


def test_filter(net, make_client, tmp_path):
    client = make_client(config=net.settings())
    with client.start() as screen:
        screen.wait_index(10)
        open_wire(screen)
        screen.wait_for(r"< \+ idling")
        screen.send("l^> s[0-9]+ select\r")
        screen.wait_for(r"1 line, matching \^> s\[0-9\]\+ select, following")
        text = saved(screen, tmp_path / "one")
        assert text.count("\n") == 2 and 'SELECT "INBOX"' in text
        # What is no regular expression is plain text.
        screen.send("l\x15OK [READ-\r")
        screen.wait_for(r"1 line, matching OK \[READ-, following")
        screen.send("l\x15zzz\r")
        screen.wait_for("No line matches.")
        screen.send("l\x15\r")
        screen.wait_gone("matching")
        # One that would take for ever does not.
        screen.send("l\x15((([A-Za-z0-9 =-]+)+)+)+$$\r")
        screen.wait_for("matching")
        screen.send("l\x15\r")
        screen.wait_gone("matching")


def test_save_overwrites_nothing_unasked(net, make_client, tmp_path):
    client = make_client(config=net.settings())
    path = tmp_path / "kept"
    path.write_text("kept", encoding="utf-8")
    os.chmod(path, 0o644)
    with client.start() as screen:
        screen.wait_index(10)
        open_wire(screen)
        screen.send("s%s\r" % path)
        screen.wait_for("kept exists. Overwrite it?")
        screen.send("n")
        screen.wait_gone("Overwrite")
        assert path.read_text(encoding="utf-8") == "kept"
        screen.send("s%s\r" % path)
        screen.wait_for("kept exists. Overwrite it?")
        screen.send("y")
        screen.wait_for("Saved to")
        assert "SELECT" in path.read_text(encoding="utf-8")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        screen.send("s/nonexistent/x\r")
        screen.wait_for("cannot")
        screen.send("s~/new\r")
        screen.wait_for("Saved to ~/new")
        new = os.path.join(client.home, "new")
        assert stat.S_IMODE(os.stat(new).st_mode) == 0o600


def test_connections_apart(make_client, tmp_path):
    with NetworkDovecot() as server:
        server.fill(Sample(size=60))
        client = make_client(config=server.settings())
        with client.start() as screen:
            screen.wait_index(10)
            open_wire(screen)
            screen.wait_for(r"< \+ idling")
            server.stop()
            screen.wait_for(r"\* lost: ")
            server.start()
            screen.send("\x1bR")
            # Numbers, now that there are several to be told apart.
            last = int(screen.wait_for(
                r"^\S+ +([2-9]|\d\d) < \+ idling", 60)[1])
            screen.send("\t")
            screen.wait_for("only connection %d," % last)
            text = saved(screen, tmp_path / "newest")
            assert set(re.findall(r"^\S+ +(\d+) [<>*]", text, re.M)) == {
                str(last)}
            screen.send("1\r")
            screen.wait_for("only connection 1,")
            screen.wait_for(r" 1 \* lost: ")
            screen.send("0")
            screen.wait_gone("only connection")
            screen.wait_for("%d connections," % last)


# ---- what is never shown ----

@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5",
                                       "scram-sha-1", "scram-sha-256"])
def test_no_password_by_any_mechanism(net, make_client, mechanism, tmp_path):
    client = make_client(config=net.settings() + "set imap_authenticators = "
                         + mechanism + "\n")
    log = tmp_path / "log"
    with client.start("-d", "5", "-l", str(log)) as screen:
        screen.wait_index(10)
        open_wire(screen)
        screen.wait_for(r"< \+ idling")
        text = saved(screen, tmp_path / "dialogue")
        screen.send("c")
        screen.wait_for("signed in +" + mechanism.upper())
        assert_no_secret(screen.text())
    assert "AUTHENTICATE " + mechanism.upper() in text
    # Of what is said until it is in, nothing is shown, on neither side.
    exchange = text[text.index("signing in with"):text.index("* authenticated")]
    said = re.findall(r" [<>] (.*)", exchange)
    assert re.fullmatch("s1 AUTHENTICATE [A-Z0-9-]+( <redacted>)?", said[0])
    assert said[-1].startswith("s1 OK")
    assert set(said[1:-1]) <= {"<redacted>", "+ <redacted>"}
    assert "<redacted>" in exchange
    assert_no_secret(text)
    written = log.read_text(encoding="utf-8")
    assert "AUTHENTICATE " + mechanism.upper() in written
    assert_no_secret(written)


def test_no_password_by_login(scripted, tmp_path):
    client, _ = scripted(
        SERVED.replace("PREAUTH", "OK").replace("IMAP4rev1 ID",
                                                "IMAP4rev1") +
        "when LOGIN *\nS: $tag OK [CAPABILITY IMAP4rev1 ID] in\nend\n"
        "C: LOGIN*\nS: $tag OK [CAPABILITY IMAP4rev1 ID] in\nserve\n",
        "set imap_pass = '%s'\n" % PASSWORD)
    log = tmp_path / "log"
    with client.start("-d", "5", "-l", str(log)) as screen:
        open_wire(screen)
        screen.wait_for(r"\* selected INBOX")
        text = saved(screen, tmp_path / "dialogue")
        screen.send("c")
        screen.wait_for("signed in +LOGIN")
    assert re.search(r"> s\d+ LOGIN <redacted> <redacted>\n", text)
    assert_no_secret(text)
    assert_no_secret(log.read_text(encoding="utf-8"))


def test_a_hostile_line_is_tame(scripted, tmp_path):
    client, _ = scripted(
        SERVED + "when ID *\n"
        "raw: * OK \\x1b[31m\\x1b]0;title\\x07\\xe2\\x80\\xaebidi\\xe2\\x80\\xac"
        "\\x9b1m\\xff end\\r\\n"
        "S: $tag OK\nend\nserve\n")
    with client.start() as screen:
        open_wire(screen)
        screen.wait_for("bidi.*end")
        text = saved(screen, tmp_path / "dialogue")
    line = re.search(r".*bidi.*", text)[0]
    assert line.isprintable() and "\u202e" not in line
    assert b"\x1b]0;title" not in bytes(screen.raw)


# ---- the connections ----

def test_connections(net, make_client):
    client = make_client(config=net.settings())
    with client.start(columns=80, rows=30) as screen:
        screen.wait_index(10)
        screen.send(":connections\r")
        screen.wait_for(r"^default: online, localhost port \d+$")
        screen.wait_for(r"^Connection 1: selected INBOX, is told of news")
        screen.wait_for(r"^  TLS +TLSv1\.3, TLS_\w+$")
        screen.wait_for(r"^  signed in +SCRAM-SHA-256$")
        screen.wait_for(r"^  in use +IDLE QRESYNC CONDSTORE COMPRESS=DEFLATE")
        screen.wait_for(r"^  server +name: Dovecot$")
        screen.wait_for(r"^  octets +[\d,.]+ in, [\d,.]+ out$")
        # It is looked at again without a key.
        first = screen.wait_for(r"IDLE, for (\d+) s")[1]
        screen.wait_for(r"IDLE, for (?!%s )\d+ s" % first)
        screen.send("q")
        screen.wait_index(10)


def test_connections_of_two_mailboxes(net, make_client):
    client = make_client(config=net.settings())
    with client.start("-f", "=Sent", columns=100, rows=50) as screen:
        screen.wait_for(r"smew: Sent \[Msgs:\d")
        screen.send(":connections\r")
        screen.wait_for(r"^Connection \d: selected Sent")
        screen.wait_for(r"^Connection \d: selected INBOX, is told of news")
        screen.send(":wire\r")
        # Each line bears the number of its connection.
        screen.wait_for("^Wire: default, 2 connections,")
        for number in "12":
            screen.send(number + "\r")
            screen.wait_for(r"^\S+ %s [<>*] .*\n(.*\n)*Wire: .* only "
                            "connection %s," % (number, number))


def test_connections_tell_what_was_learned(scripted):
    client, _ = scripted(
        SERVED.replace("IMAP4rev1 ID", "IMAP4rev1 ID IDLE LIST-EXTENDED") +
        "when LIST * RETURN *\nS: $tag BAD what\nend\n"
        "when IDLE\nS: $tag NO not today\nend\nserve\n")
    with client.start() as screen:
        screen.send(":connections\r")
        screen.wait_for("server +name: Scripted, version: 7")
        screen.wait_for("LIST with options was refused")
        screen.wait_for("IDLE was refused")
        screen.wait_for("TLS +none; the tunnel is secure")
        screen.wait_for(r"signed in +by the tunnel \(PREAUTH\)")


def test_connections_of_nobody(make_client):
    client = make_client("echo no such host >&2; exit 1")
    with client.start() as screen:
        screen.send(":connections\r")
        screen.wait_for("^default: offline, a tunnel")
        screen.wait_for("^  reason +.*no such host")
        screen.wait_for("There is no connection.")
        screen.send(":wire\r")
        screen.wait_for(r"\* lost: .*no such host")
        screen.send("q")
        screen.wait_for("^Connections")
