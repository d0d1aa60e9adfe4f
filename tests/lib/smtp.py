# SPDX-License-Identifier: GPL-3.0-or-later
"""A small submission server on loopback that does what a test wants.

    with Smtp() as server:
        server.settings()           # lines of configuration
        server.delivered            # of Mail, in order
        server.replies["RCPT"] = [b"450 grey", b"250 ok"]   # one each, the
                                    # last one for all that follow
        server.cut_out = 100        # hangs up after so many octets said
        server.cut_in = 100         # ... or heard, in each connection
        server.cut_at = ("DATA", "before")   # or "after" the reply
        server.octets_per_second = 1_000_000  # reads no faster

It speaks in the clear, because that can be cut at any octet; what is about TLS
is tested with Exim (exim.py).
"""

import base64
import re
import socket
import threading
import time

PASSWORD = "corr3ct h\u00f6rse"
EXTENSIONS = ("PIPELINING", "SIZE 100000000", "8BITMIME", "SMTPUTF8", "DSN")


class Cut(Exception):
    pass


class Mail:
    def __init__(self):
        self.sender = None          # the MAIL line
        self.recipients = []        # addresses that were accepted
        self.lines = []             # RCPT lines
        self.data = b""


class Smtp:
    def __init__(self, extensions=EXTENSIONS, auth=False):
        self.extensions = list(extensions)
        self.auth = auth
        self.replies = {}
        self.cut_out = self.cut_in = self.cut_at = None
        self.octets_per_second = None
        self.tokens = []            # the first one is good for XOAUTH2
        self.delivered = []
        self.on_accepted = None     # called with the Mail
        self.on_step = None         # called with (verb, "before" or "after")
                                    # around each reply, and with ("CONTENT",
                                    # "before") when its first line has come
        self.dialogue = []          # lines of clients
        self.connections = 0
        self.begun = 0              # contents that were asked for
        self._counts = {}
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stop = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._stop = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self._thread.join(30)

    def settings(self):
        user = "anna@" if self.auth else ""
        lines = ["set smtp_url = smtp://%s127.0.0.1:%d" % (user, self.port),
                 "set ssl_force_tls = no", "set from = anna@example.org"]
        if self.auth:
            lines.append('set smtp_pass = "%s"' % PASSWORD)
        return "\n".join(lines) + "\n"

    def _accept(self):
        while not self._stop:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
            threading.Thread(target=self._serve, args=(peer,),
                             daemon=True).start()

    def _serve(self, peer):
        try:
            with peer:
                Conversation(self, peer).run()
        except (Cut, OSError):
            pass

    def reply(self, verb, default):
        """What to answer to this command, this time."""
        with self._lock:
            n = self._counts.get(verb, 0)
            self._counts[verb] = n + 1
        made = self.replies.get(verb)
        if made is None:
            return default
        return made[min(n, len(made) - 1)] + b"\r\n"


class Conversation:
    def __init__(self, server, peer):
        self.server = server
        self.peer = peer
        self.out = self.heard = 0
        self.rest = b""
        self.mail = None

    def say(self, verb, data):
        self.step(verb, "before")
        most = self.server.cut_out
        if most is not None and self.out + len(data) > most:
            self.peer.sendall(data[:max(most - self.out, 0)])
            raise Cut
        self.peer.sendall(data)
        self.out += len(data)
        self.step(verb, "after")

    def step(self, verb, when):
        if self.server.on_step:
            self.server.on_step(verb, when)
        if self.server.cut_at == (verb, when):
            raise Cut

    def fill(self):
        size = 65536
        rate = self.server.octets_per_second
        if rate:
            size = max(rate // 20, 1)
        most = self.server.cut_in
        if most is not None:
            size = min(size, most - self.heard)
            if size <= 0:
                raise Cut
        data = self.peer.recv(size)
        if not data:
            raise Cut
        self.heard += len(data)
        self.rest += data
        if rate:
            time.sleep(len(data) / rate)

    def line(self):
        while b"\n" not in self.rest:
            self.fill()
        line, self.rest = self.rest.split(b"\n", 1)
        return line + b"\n"

    def run(self):
        self.say("", self.server.reply("", b"220 small ESMTP\r\n"))
        while True:
            line = self.line()
            self.server.dialogue.append(line)
            verb = line[:4].upper().strip().decode("latin-1")
            if not self.command(verb, line):
                return

    def command(self, verb, line):
        answer = getattr(self, "do_" + verb.lower(), None)
        if answer is None:
            self.say(verb, b"502 what\r\n")
            return True
        return answer(line)

    def do_ehlo(self, _):
        words = ["small"] + self.server.extensions
        if self.server.auth:
            words.append("AUTH PLAIN LOGIN XOAUTH2")
        text = "".join("250%s%s\r\n" % (" " if n == len(words) - 1 else "-", w)
                       for n, w in enumerate(words))
        self.say("EHLO", self.server.reply("EHLO", text.encode()))
        return True

    def do_helo(self, _):
        self.say("HELO", b"250 small\r\n")
        return True

    def do_auth(self, line):
        words = line.split()
        if words[1] == b"XOAUTH2":
            return self.do_token(words[2])
        known = base64.b64encode(b"\0anna\0" + PASSWORD.encode())
        good = words[1:] == [b"PLAIN", known]
        self.say("AUTH", self.server.reply(
            "AUTH", b"235 welcome\r\n" if good else b"535 no\r\n"))
        return True

    def do_token(self, given):
        token = self.server.tokens[0].encode()
        good = b"user=anna\1auth=Bearer " + token + b"\1\1"
        if base64.b64decode(given) == good:
            self.say("AUTH", b"235 welcome\r\n")
        else:
            self.say("AUTH", b"334 " + base64.b64encode(
                b'{"status":"401"}') + b"\r\n")
            self.server.dialogue.append(self.line())
            self.say("AUTH", b"535 5.7.8 expired\r\n")
        return True

    def do_mail(self, line):
        self.mail = Mail()
        self.mail.sender = line
        self.say("MAIL", self.server.reply("MAIL", b"250 ok\r\n"))
        return True

    def do_rcpt(self, line):
        reply = self.server.reply("RCPT", b"250 ok\r\n")
        if reply.startswith(b"25"):
            self.mail.recipients.append(
                re.match(rb"RCPT TO:<(.*?)>", line, re.I)[1].decode())
            self.mail.lines.append(line)
        self.say("RCPT", reply)
        return True

    def do_data(self, _):
        reply = self.server.reply("DATA", b"354 go on\r\n")
        if reply.startswith(b"354"):
            self.server.begun += 1
        self.say("DATA", reply)
        if not reply.startswith(b"354"):
            return True
        content = []
        while True:
            line = self.line()
            if not content:
                self.step("CONTENT", "before")
            if line == b".\r\n":
                break
            content.append(line[1:] if line.startswith(b".") else line)
        self.mail.data = b"".join(content)
        reply = self.server.reply(".", b"250 queued\r\n")
        if reply.startswith(b"2"):
            with self.server._lock:
                self.server.delivered.append(self.mail)
            if self.server.on_accepted:
                self.server.on_accepted(self.mail)
        self.say(".", reply)
        return True

    def do_rset(self, _):
        self.say("RSET", b"250 ok\r\n")
        return True

    def do_quit(self, _):
        self.say("QUIT", b"221 bye\r\n")
        return False
