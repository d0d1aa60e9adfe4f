# SPDX-License-Identifier: GPL-3.0-or-later
"""A line between a client and the server, as a process of its own: a delay
line with a rate each way, which counts what passes.

    with Line(port, round_trip=0.05, rate=20e6) as line:
        line.port
        before = line.count()
        ...
        (line.count() - before).down        # octets to the client

All connections share the line. An octet leaves when the line is free and
arrives half a round trip later; what does not fit into the queue before the
line (as much as fits into a round trip) waits with its sender, as with TCP.
A connection takes a round trip, as TCP's handshake does. A flight is one turn
of the client: it speaks after something has come.
"""

import collections
import mmap
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

PIECE = 4096            # octets that leave at once: 1.6 ms at 20 Mbit/s,
LEAST = 0.0001          # but more on a line that carries them in no time
FIELDS = "up down flights connections last"
FORMAT = struct.Struct("<qqqqd")


class Count(collections.namedtuple("Count", FIELDS)):
    def __sub__(self, before):
        return Count(*(now - then for now, then in zip(self[:4], before)),
                     self.last)


class Line:
    def __init__(self, server_port, round_trip=0.05, rate=20e6):
        self.file = tempfile.NamedTemporaryFile(prefix="smew-bench-line-")
        self.file.truncate(FORMAT.size)
        self.map = mmap.mmap(self.file.fileno(), FORMAT.size)
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.abspath(__file__),
             str(server_port), str(round_trip), str(rate), self.file.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def count(self):
        return Count(*FORMAT.unpack_from(self.map, 0))

    def wait_quiet(self, seconds, limit, alive=lambda: True):
        """Until nothing passed for so long; when the last octet did."""
        end = time.monotonic() + limit
        while time.monotonic() < end and alive():
            last = self.count().last
            left = last + seconds - time.monotonic()
            if left <= 0:
                return last
            time.sleep(min(left, 0.2))
        return None

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.map.close()
        self.file.close()


# ---- the process ----


class Way:
    """One direction of the whole line."""

    def __init__(self, delay, rate):
        self.delay, self.rate = delay, rate
        self.room = max(1 << 17, int(rate / 8 * delay * 2))
        self.piece = max(PIECE, int(rate / 8 * LEAST))
        self.free = 0.0                 # when the line is free again
        self.flying = collections.deque()

    def waiting(self, now):
        return max(0.0, self.free - now) * self.rate / 8

    def has_room(self, now):
        return self.waiting(now) < self.room

    def push(self, now, earliest, pipe, data):
        """data b"": the end of the connection in this direction."""
        start = max(now, self.free, earliest)
        for at in range(0, max(1, len(data)), self.piece):
            piece = data[at:at + self.piece]
            start += len(piece) * 8 / self.rate
            self.flying.append((start + self.delay, pipe, piece))
        self.free = start


class Pipe:
    """One direction of one connection."""

    def __init__(self, source, target, way, earliest=0.0):
        self.source, self.target, self.way = source, target, way
        self.earliest = earliest
        self.ready = bytearray()        # arrived, not yet taken
        self.ended = self.closed = False


class Router:
    def __init__(self, port, round_trip, rate, counters):
        self.server = ("127.0.0.1", port)
        self.round_trip = round_trip
        self.up = Way(round_trip / 2, rate)
        self.down = Way(round_trip / 2, rate)
        self.pipes = []
        self.calls = collections.deque()    # connections on their way
        self.counters = counters
        self.values = [0, 0, 0, 0, 0.0]
        self.heard = {}                     # client socket: data came last
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def note(self, now):
        self.values[4] = now
        # In one piece: pack_into() clears first, and a reader may see that.
        self.counters[:FORMAT.size] = FORMAT.pack(*self.values)

    def accept(self, now):
        client, _ = self.listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.values[3] += 1
        self.note(now)
        # SYN, SYN+ACK, ACK: the server accepts after one and a half.
        self.calls.append((now + 1.5 * self.round_trip, now +
                           self.round_trip, client))

    def connect(self, earliest, client):
        server = socket.create_connection(self.server)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for one in (client, server):
            one.setblocking(False)
        self.heard[client] = True
        self.pipes += [Pipe(client, server, self.up, earliest),
                       Pipe(server, client, self.down)]

    def read(self, pipe, now):
        try:
            data = pipe.source.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data and pipe.way is self.up:
            self.values[0] += len(data)
            if self.heard.get(pipe.source):
                self.values[2] += 1
                self.heard[pipe.source] = False
        if not data:
            pipe.ended = True
        self.note(now)
        pipe.way.push(now, pipe.earliest, pipe, data)

    def arrive(self, way, now):
        while way.flying and way.flying[0][0] <= now:
            _, pipe, piece = way.flying.popleft()
            if way is self.down:
                self.values[1] += len(piece)
                self.heard[pipe.target] = True
            self.note(now)
            if piece:
                pipe.ready += piece
            else:
                pipe.closed = True
            self.write(pipe)

    def write(self, pipe):
        try:
            while pipe.ready:
                del pipe.ready[:pipe.target.send(pipe.ready)]
        except BlockingIOError:
            return
        except OSError:
            pipe.ready.clear()
        if pipe.closed:
            self.end(pipe)

    def end(self, pipe):
        try:
            pipe.target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        if pipe in self.pipes:
            self.pipes.remove(pipe)
        for one in (pipe.source, pipe.target):
            if not any(one in (p.source, p.target) for p in self.pipes):
                one.close()
                self.heard.pop(one, None)

    def turn(self):
        now = time.monotonic()
        while self.calls and self.calls[0][0] <= now:
            _, earliest, client = self.calls.popleft()
            self.connect(earliest, client)
        for way in (self.up, self.down):
            self.arrive(way, now)
        times = [way.flying[0][0] for way in (self.up, self.down)
                 if way.flying]
        if self.calls:
            times.append(self.calls[0][0])
        readers = {}
        for pipe in self.pipes:
            if not pipe.ended:
                if pipe.way.has_room(now):
                    readers[pipe.source] = pipe
                else:
                    times.append(pipe.way.free - pipe.way.room * 4 /
                                 pipe.way.rate)
        writers = {p.target: p for p in self.pipes if p.ready}
        wait = max(0.0, min(times) - time.monotonic()) if times else None
        able, free, _ = select.select([sys.stdin, self.listener, *readers],
                                      writers, [], wait)
        now = time.monotonic()
        for one in free:
            self.write(writers[one])
        for one in able:
            if one is sys.stdin:        # whoever started us is gone
                sys.exit()
            elif one is self.listener:
                self.accept(now)
            elif readers[one] in self.pipes:
                self.read(readers[one], now)


def main(port, round_trip, rate, path):
    with open(path, "r+b") as file:
        counters = mmap.mmap(file.fileno(), FORMAT.size)
    router = Router(int(port), float(round_trip), float(rate), counters)
    print(router.listener.getsockname()[1], flush=True)
    while True:
        router.turn()


if __name__ == "__main__":
    main(*sys.argv[1:])
