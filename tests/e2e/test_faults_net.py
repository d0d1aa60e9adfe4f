# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the network, the terminal and the system that a session survives;
the number in a name is the row of the list of faults. A failing malloc (28)
is not here: GLib ends the program there, and what matters then is that a kill
at any moment does no harm, which test_faults.py and test_cuts.py test."""

import os
import random
import resource
import select
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import pytest
import scripted
from client import Client
from messages import ordinary
from network import free_port, make_ca, make_certificate
from play import Play, in_idle
from scripted import Script, Server, Verdict, parse

LOGIN = "set imap_pass = 'corr3ct'\n"
HELLO = "S: * OK [CAPABILITY IMAP4rev1 IDLE] hello\n"
ENTER = "C: LOGIN *\nS: $tag OK in\n"


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module", autouse=True)
def stalled(program, tmp_path_factory):
    """smew at a server that never answers its ClientHello. It takes twenty
    seconds, so it begins before the other tests, and the last one looks."""
    home = tmp_path_factory.mktemp("stalled")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        client = Client(program, home, config="set folder = "
                        "imaps://anna@localhost:%d\n%s"
                        % (deaf.getsockname()[1], LOGIN))
        log = str(home / "log")
        with client.start("-d", "2", "-l", log) as screen:
            one, _ = deaf.accept()
            assert one.recv(3) == b"\x16\x03\x01"
            screen.send(":still here")
            screen.wait_for(":still here")
            screen.send("\x07")
            yield screen, log
            one.close()
    assert client.sanitizer_reports() == []


# ---- 6: names and addresses ----

class Listener:
    """A script behind a port: each connection is a thread."""

    def __init__(self, text, directory, address="127.0.0.1", port=0,
                 context=None):
        self.script = Script(text, str(directory))
        self.connections = parse(text)
        self.context = context
        self.socket = socket.create_server((address, port))
        self.port = self.socket.getsockname()[1]
        self.truncate = True
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                one, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(one,),
                             daemon=True).start()

    def serve(self, sock):
        verdict = Verdict(self.script.verdict_path)
        number = min(verdict.connection(), len(self.connections) - 1)
        if not self.context:
            with sock:
                Server(self.connections[number], verdict, "script",
                       sock.fileno(), sock.fileno()).run()
            return
        tls = self.context.wrap_socket(sock, server_side=True)
        ours, its = socket.socketpair()
        threading.Thread(target=self.shuttle, args=(tls, ours),
                         daemon=True).start()
        Server(self.connections[number], verdict, "script",
               its.fileno(), its.fileno()).run()
        its.close()

    @staticmethod
    def hand_over(ours, data):
        """False: the script has ended and wants nothing any more."""
        try:
            ours.sendall(data)
        except OSError:
            return False
        return True

    def shuttle(self, tls, ours):
        """One thread for both ways: a TLS connection stands no two."""
        tls.settimeout(30)
        try:
            while True:
                ready = [ours] if tls.pending() else \
                    select.select([tls, ours], [], [])[0]
                if tls.pending() or tls in ready:
                    data = tls.recv(65536)
                    if not data or not self.hand_over(ours, data):
                        break
                elif ours in ready:
                    data = ours.recv(65536)
                    if not data:
                        break
                    tls.sendall(data)
            try:
                if not self.truncate:
                    tls.unwrap()
            except OSError:     # the client is still talking
                pass
            socket.socket.shutdown(tls, socket.SHUT_WR)
            # What nobody reads would make the end a reset.
            tls.settimeout(10)
            while socket.socket.recv(tls, 65536):
                pass
        except OSError:
            pass
        ours.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def over_network(make_client, scheme, port, more=""):
    return make_client(config="set folder = %s://anna@localhost:%d\n%s"
                       "set imap_connections = 1\n%s"
                       % (scheme, port, LOGIN, more))


def test_fault_06_name_that_does_not_exist(make_client):
    client = make_client(config="set folder = imaps://anna@mail.invalid\n"
                         + LOGIN)
    with client.start() as screen:
        screen.wait_for("offline: cannot find the server mail.invalid", 60)
        screen.send(":still here")
        screen.wait_for(":still here")


def test_fault_06_ipv6_that_leads_nowhere(make_client, tmp_path):
    """The other address is tried a quarter of a second later, not when the
    first has given up."""
    try:
        hole = socket.create_server(("::1", 0), family=socket.AF_INET6,
                                    backlog=0)
    except OSError:
        pytest.skip("no IPv6 here")
    port = hole.getsockname()[1]
    full = []
    for _ in range(8):      # its queue is full: what comes is not answered
        one = socket.socket(socket.AF_INET6)
        one.setblocking(False)
        one.connect_ex(("::1", port))
        full.append(one)
    text = HELLO + ENTER + ordinary(greeting=False)
    with Listener(text, tmp_path, port=port):
        client = over_network(make_client, "imap", port,
                              "set ssl_force_tls = no\n"
                              "set ssl_starttls = no\n")
        start = time.monotonic()
        with client.start() as screen:
            screen.wait_for("Message 14", 60)
            assert time.monotonic() - start < 10
    for one in (*full, hole):
        one.close()


# ---- 8: BYE in every state ----

BYE = "S: * BYE shut down by the admin\ncut"
WHEN = HELLO + ENTER + ordinary("when %s\n" + BYE + "\nend\n",
                                greeting=False, capabilities="IDLE")
BYES = {
    "greeting": BYE,
    "not authenticated": HELLO + BYE,
    "CAPABILITY": "S: * OK hello\nC: CAPABILITY\n" + BYE,
    "LOGIN": HELLO + "C: LOGIN *\n" + BYE,
    "authenticated": HELLO + "C: LOGIN *\nraw: $tag OK in\\r\\n* BYE shut down"
                     " by the admin\\r\\n\ncut",
    **{name: WHEN % (name + " *") for name in
       ("SELECT", "FETCH", "LIST", "STATUS")},
    "IDLE": WHEN % "IDLE",
    "in IDLE": HELLO + ENTER + ordinary(
        in_idle(BYE), greeting=False, capabilities="IDLE"),
    "DONE": HELLO + ENTER + ordinary(
        "when IDLE\nS: + idling\nc: DONE\n" + BYE + "\nend\n",
        greeting=False, capabilities="IDLE"),
    "NOOP": WHEN % "NOOP",
    "UID FETCH": WHEN % "UID FETCH *",
    "UID STORE": WHEN % "UID STORE *",
    "in a literal": HELLO + ENTER + ordinary(
        "when UID FETCH *\nraw: * 2 FETCH (UID 12 BODY[] {400}\\r\\nSubject\n"
        + BYE + "\nend\n", greeting=False),
}
KEYS = {"in IDLE": None, "DONE": ":exec imap-fetch-mail\r",
        "NOOP": ":exec imap-fetch-mail\r", "UID FETCH": "2\r\r",
        "in a literal": "2\r\r", "UID STORE": "2\rF"}


@pytest.mark.parametrize("state", BYES)
def test_fault_08_bye(play, state):
    """Its text is on the screen once, and the next try waits a while."""
    one = play(script=BYES[state], config=LOGIN)
    one.start()
    if state in KEYS:
        one.shows(11, 12, 13, 14)
        if state in ("in IDLE", "DONE", "NOOP"):
            one.idles()
        if KEYS[state]:
            one.screen.send(KEYS[state])
        one.script.go("go")
    if state == "in a literal":
        one.wait("offline|did not give")
    else:
        one.wait("shut down by the admin")
        assert one.screen.text().count("shut down by the admin") == 1
    one.alive()
    begun = [float(line.split()[0]) for line in one.log().split("\n")
             if "opening -> greeting" in line]
    ended = [float(line.split()[0]) for line in one.log().split("\n")
             if "-> dead" in line]
    for end, begin in zip(ended, begun[1:]):
        assert begin - end > 0.7


def test_fault_08_bye_after_logout(play):
    one = play("when LOGOUT\nS: * BYE bye\nS: * BYE bye again\n"
               "S: $tag OK gone\nS: * BYE still\nstall\nend\n")
    one.start()
    one.shows(11, 12, 13, 14)
    one.quit()


# ---- 9: refusals that pass ----

CODES = ("INUSE", "LIMIT", "UNAVAILABLE", "THROTTLED", "SERVERBUG")
# What is refused, and how many commands may go out in all meanwhile.
REFUSED = {"LOGIN": 3, "SELECT": 10, "FETCH": 50, "LIST": 15, "STATUS": 15,
           "IDLE": 15}


@pytest.mark.parametrize("command", REFUSED)
def test_fault_09_refused_with_a_code(play, command):
    """No command is repeated in a circle, and keys are answered."""
    every = []
    for code in CODES:
        answer = "S: $tag NO [%s] not just now" % code
        if command == "LOGIN":
            text = HELLO + "C: LOGIN *\n" + answer + "\nserve\n"
        else:
            quirk = "".join("when %s\n%s\nend\n" % (name, answer)
                            for name in (command, command + " *",
                                         "UID %s *" % command))
            text = HELLO + ENTER + ordinary(quirk, greeting=False,
                                            capabilities="IDLE")
        every.append(play(script=text, config=LOGIN))
        every[-1].start()
    for one in every:
        one.said("^(UID )?" + command)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        for one in every:
            one.screen.pump(0.05)
    for one in every:
        assert len(one.script.said(".")) <= REFUSED[command]
        assert cpu_seconds(one.screen.pid) < 3
        one.alive()


# ---- 24, 25: the end of the terminal ----

# The promise is two seconds; a busy machine gets more.
SOON = 4.0
STATES = {
    "idle": (ordinary(capabilities="IDLE"), None),
    "prompt": (ordinary(), ":set some"),
    "pager": (ordinary(), "2\r\r"),
    "fetching": (ordinary("when UID FETCH *\nstall\nend"), "2\r\r"),
    "connecting": ("stall", None),
    "no logout": (ordinary("when LOGOUT\nstall\nend"), None),
}


@pytest.mark.parametrize("how", ["hangup", signal.SIGHUP, signal.SIGTERM])
def test_fault_24_25_gone(play, how):
    """In each state it ends soon, and does not spin until then."""
    for text, keys in STATES.values():
        one = play(script=text)
        one.start()
        if text != "stall":
            one.shows(11, 12, 13, 14)
        if keys:
            one.screen.send(keys)
        one.screen.settle(0.1, 3)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        if how == "hangup":
            os.close(one.screen.fd)
            status = os.waitpid(one.screen.pid, 0)[1]
            one.screen.fd, one.screen.status = -1, status
        else:
            one.screen.kill(how)
            one.screen.wait_exit(60)
        assert time.monotonic() - start < SOON
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert after.ru_utime + after.ru_stime \
            - before.ru_utime - before.ru_stime < 3


# ---- 26: signals of the terminal ----

def drain(screen):
    """Reads without looking: drawing 500 x 500 cells takes pyte long."""
    while True:
        try:
            if not os.read(screen.fd, 1 << 20):
                return
        except BlockingIOError:
            return


def test_fault_26_a_thousand_sizes(play):
    one = play(in_idle("S: * 5 EXISTS\nhas 11 12 13 14 15"),
               capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    one.idles()
    rng = random.Random(26)
    os.set_blocking(one.screen.fd, False)
    for i in range(1000):
        top = rng.choice((3, 30, 200, 500))
        one.screen._window_size(rng.randint(0, top), rng.randint(0, top))
        if i % 10 == 0:
            one.screen.send(rng.choice("jk\r\x0ci"))
            time.sleep(0.001)
        drain(one.screen)
    one.script.go("go")
    one.said("UID FETCH 15")
    os.set_blocking(one.screen.fd, True)
    one.screen.resize(120, 40)
    one.screen.send("\x07\x07\x0c")
    one.alive()


def test_fault_26_stopped_and_continued(play):
    one = play(capabilities="IDLE")
    one.start()
    one.shows(11, 12, 13, 14)
    for _ in range(30):
        one.screen.kill(signal.SIGTSTP)
        one.screen.pump(0.01)
        one.screen.kill(signal.SIGCONT)
        one.screen.pump(0.01)
    one.screen.kill(signal.SIGCONT)
    one.alive()
    one.shows(11, 12, 13, 14)


# ---- 27: a terminal that does not read ----

def test_fault_27_terminal_that_does_not_read(play):
    """The network goes on meanwhile; afterwards the screen is right."""
    one = play(in_idle("S: * 5 EXISTS\nS: * 1 EXPUNGE\nhas 12 13 14 15"),
               capabilities="IDLE")
    one.start(columns=200, rows=60)
    one.shows(11, 12, 13, 14)
    one.idles()
    for _ in range(60):     # far more than the terminal's buffer takes
        one.screen.send("\x0c")
        time.sleep(0.02)
    spent = cpu_seconds(one.screen.pid)
    one.script.go("go")
    end = time.monotonic() + 40
    while not one.script.said("UID FETCH 15"):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(1)
    assert cpu_seconds(one.screen.pid) - spent < 1
    one.shows(12, 13, 14, 15)
    one.alive()


# ---- 29, 30: nothing left of something ----

def outcome(one):
    """"runs" or the exit status, once that is clear."""
    screen = one.screen

    def clear(s):
        if s._reap(0) is not None:
            return True
        return len(one.subjects()) == 4 or "offline" in s.text() or \
            "cannot" in s.text()
    screen.wait_for(clear, 60, alive=False)
    if "smew: " in screen.text() and not one.subjects():
        screen.wait_exit(60)    # the line comes just before the end
    while screen.status is not None and screen.pump(0):
        pass
    return "runs" if screen.status is None else screen.status


def survives(every):
    """Each runs and ends as it should, or has ended with a line."""
    running = 0
    for one in every:
        how = outcome(one)
        if how != "runs":
            assert how == 1, (one.name, how, one.screen.raw[-300:])
            assert one.screen.raw.strip()
            continue
        running += 1
    time.sleep(0.5)
    for one in every:
        if one.screen.status is not None:
            continue
        before = cpu_seconds(one.screen.pid)
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            one.screen.pump(0.05)
        assert cpu_seconds(one.screen.pid) - before < 0.25, one.name
        one.alive()
        one.screen.send("q")
        assert one.screen.wait_exit(30) == 0
    return running


def test_fault_29_no_descriptors_left(play):
    every = []
    for limit in (5, 8, 12, 16, 24, 48, 63, 64):
        every.append(play(capabilities="IDLE"))
        every[-1].name = "%d descriptors" % limit
        every[-1].start(prefix=("prlimit", "--nofile=%d" % limit, "--"))
    assert survives(every) > 0


NOBODY = 64123      # root has no such limit; this one has no processes yet


@pytest.mark.skipif(os.geteuid() != 0,
                    reason="others have processes of their own already")
def test_fault_30_no_threads_left(program, monkeypatch):
    root = tempfile.mkdtemp(prefix="smew-nobody-")
    os.chmod(root, 0o755)
    copy = shutil.copy(program, root)
    # The checkout may be closed to others.
    shutil.copytree(os.path.dirname(scripted.__file__),
                    os.path.join(root, "lib"),
                    ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(scripted, "__file__",
                        os.path.join(root, "lib", "scripted.py"))
    every = []
    try:
        for limit in (1, 2, 5, 8, 9, 10, 11, 12, 40):
            one = Play(copy, os.path.join(root, str(limit)), ordinary())
            one.name = "%d threads" % limit
            every.append(one)
            subprocess.run(["chown", "-R", "%d" % (NOBODY + limit),
                            os.path.join(root, str(limit))], check=True)
        for one, limit in zip(every, (1, 2, 5, 8, 9, 10, 11, 12, 40)):
            one.start(prefix=(
                "setpriv", "--reuid", "%d" % (NOBODY + limit), "--regid",
                "%d" % (NOBODY + limit), "--clear-groups", "prlimit",
                "--nproc=%d" % limit, "--"))
        assert survives(every) > 0
        assert [one.client.sanitizer_reports() for one in every] == \
            [[]] * len(every)
    finally:
        for one in every:
            one.client.close()
        shutil.rmtree(root)


# ---- 32, 33: TLS ----

@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    root = str(tmp_path_factory.mktemp("tls"))
    ca = make_ca(root)
    make_certificate(root, "server")
    return root, "set ssl_ca_certificates_file = %s\n" % ca


def tls_context(authority, tickets=2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[0] + "/server.pem",
                            authority[0] + "/server.key")
    context.num_tickets = tickets
    return context


def test_fault_32_flood_of_tickets(make_client, tmp_path, authority):
    text = HELLO + ENTER + ordinary(greeting=False, capabilities="IDLE")
    with Listener(text, tmp_path, context=tls_context(authority, 2000)) as it:
        client = over_network(make_client, "imaps", it.port, authority[1])
        with client.start() as screen:
            screen.wait_for("Message 14", 60)


@pytest.mark.parametrize("truncate", [True, False])
def test_fault_32_end_without_close_notify(make_client, tmp_path, authority,
                                           truncate):
    """Cut off in a message: what came of it is not the message."""
    text = HELLO + ENTER + ordinary(
        "once UID FETCH 12 (*\nraw: * 2 FETCH (UID 12 BODY[] {900}\\r\\n"
        "Subject: x\\r\\n\\r\\nOnly a part\ncut\nend\n", greeting=False)
    with Listener(text, tmp_path, context=tls_context(authority)) as it:
        it.truncate = truncate
        client = over_network(make_client, "imaps", it.port, authority[1])
        with client.start("-d", "2", "-l", client.home + "/log") as screen:
            screen.wait_for("Message 14", 60)
            screen.send("2\r\r")
            screen.wait_for(lambda s: len(it.script.said("UID FETCH 12")) > 1,
                            60)
            assert "Only a part" not in screen.text()
        with open(client.home + "/log", encoding="utf-8") as log:
            said = log.read()
        assert ("localhost closed the connection" in said) == truncate
        assert ("localhost ended the connection" in said) != truncate


class OpenSSL:
    """A script behind `openssl s_server`, which can be told to change keys
    ("K") or to negotiate anew ("r")."""

    def __init__(self, text, directory, authority, version):
        self.script = Script(text, str(directory))
        self.port = free_port()
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:%d" % self.port,
             "-cert", authority[0] + "/server.pem", "-key",
             authority[0] + "/server.key", version, "-naccept", "1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0)
        self.inner, self.outer = os.pipe()
        while b"ACCEPT" not in self.process.stdout.readline():
            pass
        threading.Thread(target=self.filter, daemon=True).start()
        self.thread = threading.Thread(target=self.serve, args=(text,),
                                       daemon=True)
        self.thread.start()

    def filter(self):
        """Of what it prints, what the client said."""
        for line in iter(self.process.stdout.readline, b""):
            if line[:1] == b"s" and line[1:2].isdigit() or \
               line.startswith(b"DONE"):
                os.write(self.outer, line)
            if line.startswith(b"ERROR"):
                break
        os.close(self.outer)

    def serve(self, text):
        Server(parse(text)[0], Verdict(self.script.verdict_path), "script",
               self.inner, self.process.stdin.fileno()).run()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


@pytest.mark.parametrize("version, key", [("-tls1_3", "K"), ("-tls1_3", "k"),
                                          ("-tls1_2", "r")])
def test_fault_32_new_keys_in_the_middle(make_client, tmp_path, authority,
                                         version, key):
    text = HELLO + ENTER + ordinary(in_idle(
        "raw: %s\\n\nawait more\nS: * 2 EXPUNGE\nhas 11 13 14" % key),
        greeting=False, capabilities="IDLE")
    with OpenSSL(text, tmp_path, authority, version) as it:
        client = over_network(make_client, "imaps", it.port, authority[1])
        with client.start() as screen:
            screen.wait_for("Message 14", 60)
            screen.wait_for(lambda s: "S: + idling" in it.script.lines())
            it.script.go("go")
            screen.settle(0.3, 3)
            it.script.go("more")
            if key == "r":      # refused or done, but not left hanging
                screen.wait_for(lambda s: "Message 12" not in s.text() or
                                "offline" in s.text(), 60)
                return
            screen.wait_gone("Message 12", 60)
            screen.send("2\r\r")
            screen.wait_for("Body of 13")


def test_fault_33_tls_that_stalls(stalled):
    """Twenty seconds, with keys answered, then a line."""
    screen, log = stalled

    def times(words):
        with open(log, encoding="utf-8") as lines:
            return [float(line.split()[0]) for line in lines
                    if words in line]
    screen.wait_for("offline: .*TLS with localhost", 60)
    end = times("TLS with localhost")[0]
    assert 19 < end - times("opened")[0] < 40
    screen.send(":still here")
    screen.wait_for(":still here")
