# SPDX-License-Identifier: GPL-3.0-or-later
"""Many small IMAP servers in one thread each, every one with a TLS of its own,
that keep what they hear: on the wire and behind the TLS.

    with Servers() as servers:
        one = servers.add(context, starttls=True)
        one.port, one.wire, one.plain, one.secret, one.greeted

`context` is an ssl.SSLContext, or octets that are sent where TLS should begin
(b"": the connection just ends there).
"""

import base64
import contextlib
import re
import selectors
import socket
import ssl
import threading

CAPABILITY = b"IMAP4rev1 SASL-IR"
LIMIT = 60.0


class Server:
    def __init__(self, context, starttls):
        self.context = context
        self.starttls = starttls
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.wire = b""         # every octet that came
        self.plain = b""        # those of the clear phase
        self.secret = b""       # what TLS decrypted
        self.problem = None     # of the handshake, as this side saw it
        self.connections = 0


class Gone(Exception):
    pass


class Talk:
    """One connection, in a thread of its own."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.tls = None
        self.rest = b""
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def receive(self):
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.server.wire += data
        return data

    def flush(self):
        self.sock.sendall(self.outgoing.read())

    def call(self, function, *arguments):
        """An operation of TLS, however many octets it takes."""
        while True:
            try:
                result = function(*arguments)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                self.incoming.write(self.receive())
            except ssl.SSLError:
                self.flush()        # the alert
                raise

    def write(self, data):
        if self.tls:
            self.call(self.tls.write, data)
        else:
            self.sock.sendall(data)

    def read(self):
        if not self.tls:
            data = self.receive()
            self.server.plain += data
            return data
        data = self.call(self.tls.read, 65536)
        if not data:
            raise Gone
        self.server.secret += data
        return data

    def lines(self):
        while True:
            while b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                yield line.rstrip(b"\r")
            self.rest += self.read()

    def start_tls(self):
        """False: what begins now is no TLS that anybody could use."""
        context = self.server.context
        if isinstance(context, bytes):
            if self.server.starttls:    # not what could be an injection
                self.receive()
            self.sock.sendall(context)
            if context:
                while True:
                    self.receive()
            return False
        tls = context.wrap_bio(self.incoming, self.outgoing, True)
        self.call(tls.do_handshake)
        self.tls = tls
        return True

    def run(self):
        if not self.server.starttls and not self.start_tls():
            return
        offer = b" AUTH=PLAIN" if self.tls else b" STARTTLS LOGINDISABLED"
        self.write(b"* OK [CAPABILITY " + CAPABILITY + offer + b"] hello\r\n")
        for line in self.lines():
            tag, _, rest = line.partition(b" ")
            word = rest.split(b" ")[0].upper()
            if word == b"STARTTLS":
                self.write(tag + b" OK begin\r\n")
                if not self.start_tls():
                    return
                continue
            if word == b"CAPABILITY":
                offer = b" AUTH=PLAIN" if self.tls else b" STARTTLS"
                self.write(b"* CAPABILITY " + CAPABILITY + offer + b"\r\n")
            self.write(tag + b" OK done\r\n")
            if word == b"LOGOUT":
                return


class Servers:
    def __init__(self):
        self.servers = []
        self._open = set()
        self._lock = threading.Lock()
        self._select = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._select.register(self._wake_in, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, context, starttls):
        server = Server(context, starttls)
        self.servers.append(server)
        self._select.register(server.listener, selectors.EVENT_READ, server)
        return server

    def start(self):
        self._thread.start()

    def _accept(self):
        while True:
            for key, _ in self._select.select():
                if key.data is None:
                    return
                sock, _ = key.data.listener.accept()
                key.data.connections += 1
                sock.settimeout(LIMIT)
                with self._lock:
                    self._open.add(sock)
                threading.Thread(target=self._talk, args=(key.data, sock),
                                 daemon=True).start()

    def _talk(self, server, sock):
        try:
            Talk(server, sock).run()
        except ssl.SSLError as error:
            server.problem = str(error)
        except (Gone, OSError):
            pass
        with self._lock:
            self._open.discard(sock)
        sock.close()

    def close(self):
        self._wake_out.send(b"x")
        self._thread.join()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):      # gone already
                    sock.shutdown(socket.SHUT_RDWR)
        for server in self.servers:
            server.listener.close()
        self._select.close()
        self._wake_in.close()
        self._wake_out.close()


def forms(secret):
    """How the octets of a secret may look on a wire: as they are, as hex, and
    in base64 at each of its three alignments."""
    data = secret.encode()
    found = [data, data.hex().encode(), data.hex().upper().encode()]
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data)
        first = (before * 8 + 5) // 6
        # The last characters depend on what follows.
        last = (before + len(data)) * 8 // 6
        found.append(text[first:last])
    return found


def leaks(secret, data):
    """The forms of a secret that are in these octets."""
    data = re.sub(rb"[\r\n]", b"", data)
    return [form for form in forms(secret) if form in data]
