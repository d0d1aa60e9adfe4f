# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS and signing in, against a real server on loopback; what somebody between
puts before the start of TLS, by script."""

import contextlib
import os
import socket
import subprocess

import pytest
from network import PASSWORD, NetworkDovecot
from proxy import Proxy
from sample import Sample


@pytest.fixture(scope="module")
def net():
    with NetworkDovecot() as server:
        server.fill(Sample(size=60))
        yield server


def wait_ready(screen, log):
    screen.wait_for(lambda s: os.path.exists(log) and ": setup -> ready" in
                    open(log, encoding="utf-8").read())


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_signs_in_over_tls(net, make_client, scheme, tmp_path):
    client = make_client(config=net.settings(scheme))
    log = str(tmp_path / "log")
    with client.start("-d", "5", "-l", log) as screen:
        screen.wait_index(20)
        screen.send("=\r")
        screen.wait_for("Subject: ")
        screen.send("q")
        with open("/proc/%d/cmdline" % screen.pid, "rb") as line:
            assert PASSWORD.encode() not in line.read()
        if os.geteuid() == 0:   # to others it is closed: not dumpable
            with open("/proc/%d/environ" % screen.pid, "rb") as line:
                assert PASSWORD.encode() not in line.read()
        screen.send("q")
        assert screen.wait_exit() == 0
    with open(log, encoding="utf-8") as text:
        said = text.read()
    assert "TLSv1.3" in said
    assert "AUTHENTICATE SCRAM-SHA-256 <redacted>" in said
    assert PASSWORD not in said
    assert PASSWORD.encode() not in client.written()


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5",
                                       "scram-sha-1"])
def test_mechanisms_by_name(net, make_client, mechanism):
    client = make_client(config=net.settings() + "set imap_authenticators = "
                         + mechanism + "\n")
    with client.start() as screen:
        screen.wait_index(20)


def test_password_by_command(net, make_client, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\nnot this line\n", encoding="utf-8")
    client = make_client(config=net.settings() + "unset imap_pass\n"
                         "set imap_pass_command = 'cat %s'\n" % secret)
    with client.start() as screen:
        screen.wait_index(20)


def test_password_asked_for(net, make_client):
    client = make_client(config=net.settings() + "unset imap_pass\n")
    with client.start() as screen:
        screen.wait_for("Password for anna@localhost")
        screen.send("wrong\r")
        screen.wait_for("failed.*Password for anna@localhost")
        screen.send(PASSWORD + "\r")
        screen.wait_index(20)
        assert "corr" not in screen.text()
    assert PASSWORD.encode() not in client.written()


def test_certificate_is_put_to_the_user(net, make_client):
    client = make_client(config=net.settings(trust=False))
    with client.start() as screen:
        screen.wait_for("cannot be trusted")
        screen.wait_for(r"SHA-256: +([0-9A-F]{2}:){10}")
        screen.send("n")
        screen.wait_for("offline")
        screen.send("\x1bR")
        screen.wait_for("cannot be trusted")
        screen.send("o")
        screen.wait_index(20)
        screen.send("q")
        screen.wait_exit()
    with client.start() as screen:
        screen.wait_for("cannot be trusted")
        screen.send("a")
        screen.wait_index(20)
        screen.send("q")
        screen.wait_exit()
    with client.start("-d", "2", "-l", client.home + "/log") as screen:
        screen.wait_index(20)
        wait_ready(screen, client.home + "/log")
        assert "cannot be trusted" not in screen.text()


def test_url_on_the_command_line(net, make_client):
    client = make_client(config="set ssl_ca_certificates_file = %s\n" % net.ca)
    url = "imaps://anna@localhost:%d/Sent" % net.imaps_port
    with client.start("-f", url) as screen:
        screen.wait_for("Password for anna@localhost")
        screen.send(PASSWORD + "\r")
        screen.wait_for(r"smew: Sent \[Msgs:\d")


def test_name_of_another_server(make_client):
    with NetworkDovecot(names="DNS:mail.example.org") as server:
        client = make_client(config=server.settings())
        with client.start() as screen:
            screen.wait_for("for another name")


OPEN = "set ssl_force_tls = no\n"


def warning(screen):
    """The cells of the warning in the status line of the index."""
    y, x = screen.wait_for(lambda s: s.find(r"\[not encrypted\]$"))
    assert "smew: INBOX" in screen.lines()[y]
    return [screen.style(y, x + i) for i in range(len("[not encrypted]"))]


def test_what_everybody_can_read_is_marked(make_client):
    with NetworkDovecot(plaintext=True) as server:
        server.fill(Sample(size=60))
        client = make_client(config=server.settings("imap") + OPEN
                             + "set ssl_starttls = no\n")
        with client.start() as screen:
            screen.wait_index(20)
            assert all(cell.fg == "red" for cell in warning(screen))
            screen.send("=\r")     # beside a message, too
            screen.wait_for("Subject: ")
            warning(screen)
            server.stop()
            screen.send("q")
            screen.wait_for("offline")
            screen.wait_gone("not encrypted")
        # Offered, STARTTLS is used: also where it need not be.
        client.write(config=server.settings("imap") + OPEN)
        server.start()
        with client.start("-d", "2", "-l", client.home + "/log") as screen:
            wait_ready(screen, client.home + "/log")
            screen.settle(0.5, 3)
            assert "not encrypted" not in screen.text()


@pytest.fixture
def stripped():
    """Somebody on the way takes STARTTLS from all connections but the first;
    gives (proxy, configuration of an account that way)."""
    def strip(number, data):
        return data.replace(b"STARTTLS", b"STARTXXX") if number else data

    with NetworkDovecot(plaintext=True) as server, \
            Proxy(server.imap_port) as proxy:
        server.fill(Sample(size=60))
        proxy.change = strip
        yield proxy, server.settings("imap").replace(
            ":%d" % server.imap_port, ":%d" % proxy.port)


def test_one_connection_in_clear_is_enough(stripped, make_client):
    client = make_client(config=stripped[1] + OPEN)
    with client.start("-f", "=Sent") as screen:
        y, _ = screen.wait_for(lambda s: s.find(r"\[not encrypted\]$"), 60)
        assert "smew: Sent" in screen.lines()[y]


def test_one_connection_in_clear_is_refused(stripped, make_client):
    client = make_client(config=stripped[1])
    log = client.home + "/log"
    with client.start("-f", "=Sent", "-d", "2", "-l", log) as screen:
        screen.wait_for(lambda s: os.path.exists(log) and
                        "the server offers no TLS" in
                        open(log, encoding="utf-8").read(), 60)
        screen.settle(0.5, 3)
        assert "not encrypted" not in screen.text()
        assert "offline" not in screen.text()   # the first one stays
    assert b"AUTHENTICATE" not in stripped[0].heard()


def test_restart_of_the_server(make_client):
    with NetworkDovecot() as server:
        server.fill(Sample(size=60))
        client = make_client(config=server.settings())
        with client.start() as screen:
            screen.wait_index(20)
            screen.send("*")
            server.stop()
            screen.wait_for("offline", 60)
            assert len(screen.rows()) > 5
            server.start()
            server.deliver(b"Subject: after the restart\n\nx\n")
            screen.send("\x1bR")
            screen.wait_for("after the restart", 60)


OPENLY = "set tunnel_is_secure = no\nset folder = imap://anna@localhost\n" \
         "set imap_pass = '%s'\n" % PASSWORD
GREETING = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hello\n"
TLS = "when CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\n" \
      "S: $tag OK\nend\n"

INJECTED = {
    "no starttls": "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\nserve",
    "starttls stripped later": "S: * OK hello\nwhen CAPABILITY\n"
                               "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN\n"
                               "S: $tag OK\nend\nserve",
    "preauth": "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\nserve",
    "preauth without capabilities": "S: * PREAUTH welcome\nserve",
    "refused": GREETING + "C: STARTTLS\nS: $tag NO not today\nserve",
    "bad": GREETING + "C: STARTTLS\nS: $tag BAD what\nserve",
    "bye": GREETING + "C: STARTTLS\nS: * BYE gone\ncut",
    "cut": GREETING + "C: STARTTLS\ncut",
}
BEHIND_OK = [
    "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] more\\r\\n",
    "* CAPABILITY IMAP4rev1 AUTH=PLAIN\\r\\n",
    "* PREAUTH welcome\\r\\n",
    "* LIST () \\x22/\\x22 Evil\\r\\n",
    "* 3 EXISTS\\r\\n",
    "* BYE\\r\\n",
    "+ go on\\r\\n",
    "s1 OK\\r\\n",
    "* OK [ALERT] Evil\\r\\n",
    "* NO Evil\\r\\n",
    "* ENABLED QRESYNC\\r\\n",
    "* NAMESPACE ((\\x22Evil\\x22 \\x22/\\x22)) NIL NIL\\r\\n",
    "* STATUS Evil (MESSAGES 3)\\r\\n",
    "* 1 FETCH (UID 1 FLAGS ())\\r\\n",
    "\\r\\n",
    "x",
]
for number, rest in enumerate(BEHIND_OK):
    INJECTED["behind the OK %d" % number] = (
        GREETING + "C: STARTTLS\nraw: $tag OK begin\\r\\n" + rest + "\nstall")
    INJECTED["before the OK %d" % number] = (
        GREETING + "C: STARTTLS\nraw: " + rest + "\nS: $tag OK begin\nstall")
INJECTED["in the OK"] = (GREETING + "C: STARTTLS\nS: $tag OK [CAPABILITY "
                         "IMAP4rev1 AUTH=PLAIN] begin\nstall")


@pytest.mark.parametrize("name", INJECTED)
def test_nothing_of_the_open_phase_is_used(scripted, name):
    client, script = scripted(INJECTED[name], OPENLY)
    with client.start() as screen:
        screen.wait_for("offline|Connecting")
        screen.wait_for(lambda s: script.said("STARTTLS|CAPABILITY")
                        or "offline" in s.text())
        screen.settle(0.5, 3)
        assert "Evil" not in screen.text()
        screen.send("q")
        screen.wait_exit()
    for word in ("LOGIN", "AUTHENTICATE", "SELECT", "LIST", "ID "):
        assert not script.said(word)
    assert PASSWORD.encode() not in client.written()


# ---- ending while the network does not answer ----

DEAF_RESOLVER = "127.0.53.1"
# In a namespace of mounts of its own; what follows is the program.
OWN_RESOLVER = ("unshare", "--mount", "sh", "-c",
                'mount --bind "$0" /etc/resolv.conf && exec "$@"')


def quits_at_once(screen):
    """Two seconds are the promise; what it must not wait for takes a minute
    and more."""
    screen.send("q")
    assert screen.wait_exit(15) == 0


def test_ends_while_a_name_is_looked_up(make_client, tmp_path):
    own = tmp_path / "resolv.conf"
    own.write_text("nameserver %s\noptions timeout:30 attempts:5\n"
                   % DEAF_RESOLVER)
    prefix = [*OWN_RESOLVER, str(own)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver:
        try:
            resolver.bind((DEAF_RESOLVER, 53))
            subprocess.run([*prefix, "true"], check=True,
                           stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("only root may have a resolver of its own")
        client = make_client(
            config="set folder = imaps://anna@imap.example.org\n")
        with client.start(prefix=prefix) as screen:
            resolver.settimeout(30)
            assert b"imap" in resolver.recv(512)
            screen.wait_for("Connecting")
            quits_at_once(screen)


def test_ends_while_a_server_does_not_answer(make_client):
    with socket.socket() as deaf, contextlib.ExitStack() as fillers:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        # When its queue is full, the kernel answers no further SYN.
        for _ in range(4):
            filler = fillers.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        client = make_client(config="set folder = imaps://anna@127.0.0.1:%d\n"
                             "set connect_timeout = -1\n"
                             % deaf.getsockname()[1])
        with client.start() as screen:
            screen.wait_for("Connecting")
            screen.settle(0.5, 3)
            quits_at_once(screen)
        # ... and the limit is the user's.
        client.write(config="set folder = imaps://anna@127.0.0.1:%d\n"
                     "set connect_timeout = 1\n" % deaf.getsockname()[1])
        with client.start() as screen:
            screen.wait_for("no answer within 1 second")
            quits_at_once(screen)
