# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP proxy on loopback between smew and a server: it hears everything and
can do to a connection what networks do.

    with Proxy(server.imap_port) as proxy:
        proxy.port                      # what smew connects to
        proxy.plan = lambda number: Fault(cut=(FROM_SERVER, 1234), how="rst")
        proxy.change = lambda number, data: data.replace(b"A", b"B")
        proxy.cut("fin")                # all that are open, now
        proxy.hold(); proxy.release()   # nothing passes for a while
        proxy.swallow(); proxy.restore()  # a black hole, and its end
        proxy.refuse(); proxy.accept()
        proxy.heard()                   # every octet, both directions

A connection that was swallowed stays dead when the black hole ends, as one
does whose state a router has forgotten; one that was held goes on.
The proxy is a thread of the test. It ends with close().
"""

import errno
import selectors
import socket
import struct
import threading
import time
from collections import deque

FROM_CLIENT, FROM_SERVER = 0, 1
CHUNK = 1 << 16
AT_ONCE = 1 << 18       # octets waiting in a direction before reading stops


class Fault:
    """What is to happen to one connection.

    cut=(direction, n)    ends it when n octets of the direction have passed
    how                   "fin" or "rst"
    stall=(direction, n)  behind n octets nothing passes that way any more
    delay                 seconds that each octet is late
    rate                  octets a second in each direction
    """

    def __init__(self, cut=None, how="fin", stall=None, delay=0.0, rate=0):
        self.cut, self.how, self.stall = cut, how, stall
        self.delay, self.rate = delay, rate


class Way:
    """One direction of a connection."""

    def __init__(self, source, target, fault, direction):
        self.source, self.target = source, target
        self.fault = fault
        self.queue = deque()        # (when due, octets)
        self.waiting = 0
        self.passed = 0             # octets handed over
        self.ended = False          # the source said its last
        self.shut = False           # and the target knows
        self.next = 0.0             # when the rate allows more
        self.cut = self._offset(fault.cut, direction)
        self.stall = self._offset(fault.stall, direction)

    @staticmethod
    def _offset(place, direction):
        return place[1] if place and place[0] == direction else None

    def allowed(self):
        limits = [p - self.passed for p in (self.cut, self.stall)
                  if p is not None]
        if self.fault.rate:
            limits.append(max(1, self.fault.rate // 50))
        return min([CHUNK, *limits])

    def push(self, now):
        """Hands over what is due; False when the target is gone."""
        while self.queue and self.queue[0][0] <= now and self.next <= now:
            due, data = self.queue.popleft()
            size = min(len(data), self.allowed())
            if size <= 0:
                self.queue.appendleft((due, data))
                break
            try:
                sent = self.target.send(data[:size])
            except BlockingIOError:
                sent = 0
            except OSError:
                return False
            self.passed += sent
            self.waiting -= sent
            if sent < len(data):
                self.queue.appendleft((due, data[sent:]))
            if self.fault.rate:
                self.next = now + sent / self.fault.rate
            if sent < size:
                break
        return True

    def wake_at(self):
        """When push() can do more by the clock alone, or None."""
        if not self.queue or self.allowed() <= 0:
            return None
        return max(self.queue[0][0], self.next)


class Connection:
    def __init__(self, number, client, server, fault):
        self.number = number
        self.client, self.server = client, server
        self.fault = fault
        self.began = time.monotonic()
        self.log = []               # (direction, octets) as they came
        self.ways = (Way(client, server, fault, FROM_CLIENT),
                     Way(server, client, fault, FROM_SERVER))
        self.swallowed = False
        self.was_cut = False        # by the proxy
        self.dead = False

    def heard(self, direction=None):
        return b"".join(data for way, data in self.log
                        if direction in (None, way))

    def sockets(self):
        return [s for s in (self.client, self.server) if s.fileno() >= 0]

    def reached(self):
        return any(way.cut is not None and way.passed >= way.cut
                   for way in self.ways)


class Proxy:
    def __init__(self, target, host="127.0.0.1", plan=None):
        self.target = (host, target)
        self.plan = plan            # number of a connection -> Fault or None
        self.change = None          # (number, octets from the server) -> octets
        self.connections = []
        self.refused = 0            # connections the server did not take
        self._lock = threading.RLock()
        self._held = self._swallowing = False
        self._listener = None
        self.port = 0
        self._select = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._select.register(self._wake_in, selectors.EVENT_READ)
        self._ending = False
        self.accept()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- for the test ----

    def accept(self):
        """Takes connections, as from the start on."""
        with self._lock:
            if self._listener:
                return
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET,
                                      socket.SO_REUSEADDR, 1)
            self._listener.bind(("127.0.0.1", self.port))
            self._listener.listen(64)
            self._listener.setblocking(False)
            self.port = self._listener.getsockname()[1]
            self._select.register(self._listener, selectors.EVENT_READ)
            self._wake()

    def refuse(self):
        """The port is closed: connection refused."""
        with self._lock:
            if self._listener:
                self._select.unregister(self._listener)
                self._listener.close()
                self._listener = None
            self._wake()

    def cut(self, how="fin"):
        with self._lock:
            for connection in self.open():
                self._cut(connection, how)
            self._wake()

    def hold(self):
        with self._lock:
            self._held = True

    def release(self):
        with self._lock:
            self._held = False
            self._wake()

    def swallow(self):
        """Connections there are and new ones lead nowhere, without an end."""
        with self._lock:
            self._swallowing = True
            for connection in self.open():
                self._forget(connection)
            self._wake()

    def restore(self):
        """New connections work again."""
        with self._lock:
            self._swallowing = False

    def open(self):
        with self._lock:
            return [c for c in self.connections if not c.dead]

    def live(self):
        """Those whose octets pass."""
        return [c for c in self.open() if not c.swallowed and not c.was_cut]

    def heard(self, direction=None):
        with self._lock:
            return b"".join(c.heard(direction) for c in self.connections)

    def close(self):
        with self._lock:
            self._ending = True
            self._wake()
        self._thread.join()
        for connection in self.connections:
            for each in connection.sockets():
                each.close()
        if self._listener:
            self._listener.close()
        self._select.close()
        self._wake_in.close()
        self._wake_out.close()

    # ---- the thread ----

    def _wake(self):
        self._wake_out.send(b"x")

    def _run(self):
        while True:
            ready = self._select.select(self._patience())
            with self._lock:
                if self._ending:
                    return
                for key, _ in ready:
                    self._handle(key)
                for connection in self.open():
                    self._push(connection)

    def _patience(self):
        with self._lock:
            if self._held:
                return None
            times = [way.wake_at() for c in self.live() for way in c.ways]
        times = [t for t in times if t is not None]
        if not times:
            return None
        return max(0.0, min(times) - time.monotonic())

    def _handle(self, key):
        if key.fileobj is self._wake_in:
            self._wake_in.recv(4096)
        elif key.fileobj is self._listener:
            self._take()
        elif key.data and not key.data.dead:
            self._read(key.data, key.fileobj)

    def _take(self):
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        number = len(self.connections)
        fault = self.plan(number) if self.plan else None
        server = socket.socket()
        server.settimeout(10)
        try:
            if not self._swallowing:
                server.connect(self.target)
        except OSError:
            self.refused += 1
            self._abort(client)
            self._abort(server)
            return
        connection = Connection(number, client, server, fault or Fault())
        connection.swallowed = self._swallowing
        self.connections.append(connection)
        for each in (client, server):
            each.setblocking(False)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._select.register(client, selectors.EVENT_READ, connection)
        if not connection.swallowed:
            self._select.register(server, selectors.EVENT_READ, connection)

    def _read(self, connection, source):
        direction = FROM_CLIENT if source is connection.client \
            else FROM_SERVER
        way = connection.ways[direction]
        try:
            data = source.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._lost(connection)
            return
        if data:
            connection.log.append((direction, data))
            if direction == FROM_SERVER and self.change:
                data = self.change(connection.number, data)
            if not connection.swallowed and not connection.was_cut:
                way.queue.append((time.monotonic() + way.fault.delay, data))
                way.waiting += len(data)
            return
        way.ended = True
        self._select.unregister(source)
        if connection.swallowed or all(w.ended for w in connection.ways):
            self._end(connection)

    def _push(self, connection):
        if self._held or connection.swallowed or connection.was_cut:
            return
        now = time.monotonic()
        for way in connection.ways:
            if not way.push(now):
                self._lost(connection)
                return
        if connection.reached():
            self._cut(connection, connection.fault.how)
            return
        for way in connection.ways:
            self._watch(way, connection)
            if way.ended and not way.queue and not way.shut:
                way.shut = True
                self._shut(way.target)
        if all(way.shut for way in connection.ways):
            self._end(connection)

    def _watch(self, way, connection):
        """Reads while not too much waits; writes when something is due."""
        blocked = way.queue and way.allowed() > 0 \
            and way.wake_at() <= time.monotonic()
        for sock in (way.source, way.target):
            if sock.fileno() < 0:
                continue
            events = self._events(sock)
            if sock is way.source:
                wanted = not way.ended and way.waiting < AT_ONCE
                new = events & ~selectors.EVENT_READ
                new |= selectors.EVENT_READ if wanted else 0
            else:
                new = events & ~selectors.EVENT_WRITE
                new |= selectors.EVENT_WRITE if blocked else 0
            self._set_events(sock, new, connection)

    def _events(self, sock):
        key = self._select.get_map().get(sock.fileno())
        return key.events if key else 0

    def _set_events(self, sock, new, connection):
        old = self._events(sock)
        if new == old:
            return
        if old == 0:
            self._select.register(sock, new, connection)
        elif new == 0:
            self._select.unregister(sock)
        else:
            self._select.modify(sock, new, connection)

    # ---- ends ----

    @staticmethod
    def _shut(sock):
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EBADF):
                raise

    @staticmethod
    def _abort(sock):
        if sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            sock.close()

    def _leave(self, sock):
        if sock.fileno() >= 0 and sock.fileno() in self._select.get_map():
            self._select.unregister(sock)

    def _forget(self, connection):
        connection.swallowed = True
        self._leave(connection.server)
        if not connection.ways[FROM_CLIENT].ended:
            self._set_events(connection.client, selectors.EVENT_READ,
                             connection)

    def _end(self, connection):
        connection.dead = True
        for sock in connection.sockets():
            self._leave(sock)
            sock.close()

    def _lost(self, connection):
        """One side is gone without a goodbye: the other gets a reset too."""
        connection.dead = True
        for sock in connection.sockets():
            self._leave(sock)
            self._abort(sock)

    def _cut(self, connection, how):
        connection.was_cut = True
        if how == "rst":
            self._lost(connection)
            return
        # Octets that nobody has read would turn the end into a reset.
        for way in connection.ways:
            way.queue.clear()
            self._shut(way.target)
            self._set_events(way.source,
                             0 if way.ended else selectors.EVENT_READ,
                             connection)
