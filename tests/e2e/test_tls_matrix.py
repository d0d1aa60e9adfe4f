# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS through whole sessions, cell by cell: {implicit, STARTTLS} x what can be
wrong with a server. A smew with many accounts tries all of them; each must
fail closed and say why, and no octet of the password may be on the wire."""

import os
import re
import ssl
import time
import warnings

import pytest
from certificates import ADDRESS, EMAIL, URI, Maker
from cryptography.hazmat.primitives import hashes
from tlsserver import Servers, leaks

HOST = "imap.test.localhost"    # GIO knows where .localhost is (RFC 6761)
PASSWORD = "c4nary-Passw0rd-\u00fc"
LIMIT = 120.0
LOOPBACK = bytes([127, 0, 0, 1])

# What the reason must say: patterns of the log's and the dialog's words.
NAME = "for another name"
DATE = "has expired|not valid yet"
SELF = "signed by itself"
CHAIN = "authority this system does not know"
PURPOSE = "not meant for a server"
WEAK = "too weak"
REFUSED = "certificate of .* was refused: .+"
BROKEN = "TLS with .* failed: .+|the connection ended while TLS"


def kinds(make):
    """name: (what to say, identity or octets, host, context's options)."""
    cells = {}

    def cell(name, why, what, host=HOST, **options):
        assert name not in cells
        cells[name] = (why, what, host, options)

    def names(name, *subject, host=HOST, **more):
        cell(name, NAME, make.server(list(subject), **more), host)

    def chain(name, why, signer, **more):
        cell(name, why, make.server([HOST], signer=signer, **more))

    good(cell, make)
    dates(cell, chain, make)
    wrong_names(cell, names, make)
    addresses(names)
    authorities(cell, chain, make)
    purposes(cell, chain, make)
    weak(cell, chain, make)
    protocols(cell, make)
    return cells


def good(cell, make):
    fine = make.server([HOST])
    cell("good", None, fine)
    cell("good, RSA", None, make.server([HOST], kind="rsa2048"))
    cell("good, TLS 1.2", None, fine, highest=ssl.TLSVersion.TLSv1_2)
    cell("good, intermediate", None, make.server(
        [HOST], signer=make.authority("Middle", make.root)))
    cell("good, wildcard", None, make.server(["*.test.localhost"]))
    cell("good, upper case", None, make.server(["IMAP.Test.LocalHost"]))
    cell("good, one of many", None, make.server(["a.test", HOST, "b.test"]))
    cell("good, empty subject", None, make.server([HOST], common=None))
    cell("good, address", None, make.server([(ADDRESS, LOOPBACK)]),
         host="127.0.0.1")
    cell("good, IDN", None, make.server(["xn--mnchen-3ya.localhost"]),
         host="xn--mnchen-3ya.localhost")
    cell("good, permitted name", None, make.server(
        [HOST], signer=make.authority("Permitted", make.root,
                                      permitted="test.localhost")))


def dates(cell, chain, make):
    cell("expired", DATE, make.server([HOST], first=-30, until=-1))
    cell("expired long ago", DATE,
         make.server([HOST], first=-9000, until=-8000))
    cell("not yet valid", DATE, make.server([HOST], first=1))
    cell("valid in the far future", DATE,
         make.server([HOST], first=9000, until=9100))
    chain("authority expired", DATE, "old")
    chain("intermediate expired", DATE,
          make.authority("Middle", make.root, until=-1))
    chain("intermediate not yet valid", DATE,
          make.authority("Middle", make.root, first=1))
    cell("expired, TLS 1.2", DATE,
         make.server([HOST], first=-30, until=-1),
         highest=ssl.TLSVersion.TLSv1_2)
    cell("expired and self-signed", DATE + "|" + SELF,
         make.server([HOST], first=-30, until=-1, own=True))


def wrong_names(cell, names, make):
    names("other name", "imap.other.example")
    names("parent name", "test.localhost")
    names("child name", "a." + HOST)
    names("cut name", HOST[:-1])
    names("longer name", HOST + ".evil.example")
    names("name in front", "evil" + HOST)
    names("no names in the extension")
    cell("common name alone", NAME, make.server(None, common=HOST))
    names("common name beside another", "other.example", common=HOST)
    names("common name beside an address", (ADDRESS, LOOPBACK), common=HOST)
    names("name as mail", (EMAIL, b"root@" + HOST.encode()))
    names("name as URI", (URI, b"imaps://" + HOST.encode() + b"/"))
    names("NUL behind the name", HOST + "\0.evil.example")
    names("NUL at the end", HOST + "\0")
    names("NUL in front", "\0" + HOST)
    cell("NUL in the common name", NAME,
         make.server(None, common=HOST + "\0.evil.example"))
    names("blank behind the name", HOST + " ")
    names("line end behind the name", HOST + "\r\n")
    names("dots behind the name", HOST + "..")
    names("dot in front", "." + HOST)
    names("dot and parent", ".test.localhost")
    names("two names in one", HOST + ",other.example")
    names("name as a URL", "imaps://" + HOST)
    names("name with a port", HOST + ":993")
    names("wildcard alone", "*")
    names("wildcard and dot", "*.")
    names("wildcard of a top level", "*.localhost")
    names("wildcard of a public suffix", "*.localhost", host="test.localhost")
    names("wildcard over two labels", "*.test.localhost",
          host="a.imap.test.localhost")
    names("wildcard and nothing", "*.test.localhost", host="test.localhost")
    names("partial wildcard, end", "im*.test.localhost")
    names("partial wildcard, start", "*ap.test.localhost")
    names("partial wildcard, middle", "i*p.test.localhost")
    names("partial wildcard, whole", "imap*.test.localhost")
    names("wildcard inside", "imap.*.localhost")
    names("wildcard at the end", "imap.test.*")
    names("two wildcards", "*.*.localhost")
    names("doubled wildcard", "**.test.localhost")
    names("wildcard of a wildcard", "*.*.test.localhost")
    cell("wildcard in the common name", NAME,
         make.server(None, common="*.test.localhost"))
    names("IDN, other name", "xn--mnchn-kva.localhost",
          host="xn--mnchen-3ya.localhost")
    names("IDN, partial wildcard", "xn--*.localhost",
          host="xn--mnchen-3ya.localhost")
    names("IDN, partial wildcard inside", "xn--*.test.localhost",
          host="xn--mnchen-3ya.test.localhost")
    names("IDN, not encoded", "m\u00fcnchen.localhost",
          host="xn--mnchen-3ya.localhost")
    names("IDN, look-alike", "xn--map-7cd.test.localhost")
    names("other name, TLS 1.2", "imap.other.example")


def addresses(names):
    here = "127.0.0.1"
    names("other address", (ADDRESS, bytes([127, 0, 0, 2])), host=here)
    names("address as a name", here, host=here)
    names("address as common name", "other.example", common=here, host=here)
    names("wildcard for an address", "*.0.0.1", host=here)
    names("wildcard alone for an address", "*", host=here)
    names("address for a name", (ADDRESS, LOOPBACK))
    names("address with a mask", (ADDRESS, LOOPBACK + bytes([255] * 4)),
          host=here)
    names("address in another family",
          (ADDRESS, bytes(10) + bytes([255, 255]) + LOOPBACK), host=here)
    names("address cut short", (ADDRESS, LOOPBACK[:3]), host=here)
    names("address as text", (ADDRESS, b"127.0.0.1"), host=here)


def authorities(cell, chain, make):
    cell("self-signed", SELF, make.server([HOST], own=True))
    cell("self-signed, RSA", SELF,
         make.server([HOST], own=True, kind="rsa2048"))
    cell("self-signed, TLS 1.2", SELF, make.server([HOST], own=True),
         highest=ssl.TLSVersion.TLSv1_2)
    chain("unknown authority", CHAIN + "|" + SELF, "unknown")
    chain("unknown authority, not sent", CHAIN, "unknown", chain=())
    chain("unknown authority, trusted one's name", REFUSED, "namesake")
    chain("trusted one's name, not sent", REFUSED, "namesake", chain=())
    leaf = make.server(["leaf.example"])
    chain("signed by a server", REFUSED, leaf)
    middle = make.authority("Middle", make.root)
    chain("intermediate missing", CHAIN, middle, chain=())
    chain("another intermediate sent", CHAIN, middle,
          chain=[make.authority("Other", make.root).certificate])
    chain("intermediate is no authority", REFUSED,
          make.authority("Middle", make.root, ca=False))
    chain("intermediate without constraints", REFUSED,
          make.authority("Middle", make.root, constraints=False))
    chain("intermediate may not sign", REFUSED, make.authority(
        "Middle", make.root, usage=["digital_signature", "crl_sign"]))
    short = make.authority("Short", make.root, length=0)
    chain("path too long", REFUSED, make.authority("Below", short))
    chain("name not permitted", REFUSED, make.authority(
        "Permitted", make.root, permitted="example.org"))
    chain("name excluded", REFUSED, make.authority(
        "Excluded", make.root, excluded="test.localhost"))
    chain("unknown critical extension above", REFUSED,
          make.authority("Middle", make.root, unknown=True))
    cell("unknown critical extension", REFUSED,
         make.server([HOST], unknown=True))
    cell("forged signature", REFUSED, make.forged(make.server([HOST])))
    chain("forged intermediate", REFUSED, make.forged(middle))


def purposes(cell, chain, make):
    for usage in ("client", "code", "mail", "time"):
        cell("for " + usage, PURPOSE, make.server([HOST], usages=[usage]))
    cell("for client, TLS 1.2", PURPOSE,
         make.server([HOST], usages=["client"]),
         highest=ssl.TLSVersion.TLSv1_2)
    chain("intermediate for client", PURPOSE,
          make.authority("Middle", make.root, purpose="client"))
    cell("key for signing lists alone", PURPOSE,
         make.server([HOST], usages=(), usage=["crl_sign"]))
    cell("Netscape's type client", PURPOSE,
         make.server([HOST], usages=(), netscape=b"\x03\x02\x07\x80"))


def weak(cell, chain, make):
    for bits in ("512", "1024"):
        cell("RSA of %s bits" % bits, WEAK + "|" + BROKEN,
             make.server([HOST], kind="rsa" + bits))
    cell("EC of 192 bits", WEAK + "|" + BROKEN,
         make.server([HOST], kind="p192"))
    chain("intermediate of 1024 bits", WEAK,
          make.authority("Weak", make.root, kind="rsa1024"))
    rsa = make.authority("RSA", make.root, kind="rsa2048")
    chain("signed with MD5", WEAK, rsa, digest=hashes.MD5())
    chain("signed with SHA-1", WEAK, rsa, digest=hashes.SHA1())
    cell("signed with SHA-1, EC", WEAK,
         make.server([HOST], digest=hashes.SHA1()))
    chain("intermediate signed with SHA-1", WEAK, make.authority(
        "Middle", make.root, digest=hashes.SHA1()))


def protocols(cell, make):
    fine = make.server([HOST])
    rsa = make.server([HOST], kind="rsa2048")
    old = ssl.TLSVersion.TLSv1_2
    cell("TLS 1.1", BROKEN, fine, highest=ssl.TLSVersion.TLSv1_1)
    cell("TLS 1.0", BROKEN, fine, highest=ssl.TLSVersion.TLSv1)
    cell("TLS 1.0, RSA", BROKEN, rsa, highest=ssl.TLSVersion.TLSv1)
    for name, ciphers in (("no certificate", "aNULL"), ("no cipher", "eNULL"),
                          ("pre-shared key", "PSK"),
                          ("password by SRP", "SRP")):
        cell(name, BROKEN, rsa, highest=old, ciphers=ciphers)
    cell("Diffie-Hellman of 1024 bits", BROKEN, rsa, highest=old,
         ciphers="DHE-RSA-AES128-GCM-SHA256", group=make.small_group())
    hello = b"\x02\0\0\x26\3\0" + bytes(32) + b"\0\0\x0a\0"
    cell("SSL 3.0", BROKEN, b"\x16\3\0\0\x2a" + hello)
    cell("SSL 2.0", BROKEN, b"\x80\x2e\4\0\1\0\2" + bytes(41))
    cell("plain text", BROKEN,
         b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")
    cell("plain text, signed in", BROKEN, b"* PREAUTH welcome\r\n" * 3)
    cell("HTTP", BROKEN, b"HTTP/1.1 400 Bad Request\r\n\r\n")
    cell("an alert", BROKEN, b"\x15\3\3\0\2\2\x28")
    cell("a warning and the end", "ended the connection", b"\x15\3\3\0\2\1\0" * 2)
    cell("a record without end", BROKEN, b"\x16\3\3\xff\xff" + bytes(70000))
    cell("data before the handshake", BROKEN, b"\x17\3\3\0\4* OK")
    cell("zeroes", BROKEN, bytes(3000))
    cell("the end", BROKEN, b"")


def context_of(what, directory, highest=None, ciphers=None, group=None):
    if isinstance(what, bytes):
        return what
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers((ciphers or "ALL:COMPLEMENTOFALL") + ":@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = ssl.TLSVersion.TLSv1
        if highest:
            context.maximum_version = highest
    path = what.write(os.path.join(directory, "server.pem"))
    context.load_cert_chain(path)
    os.unlink(path)
    if group:
        context.load_dh_params(group)
    return context


class Cell:
    def __init__(self, number, server, why, host, what):
        self.account = "c%03d" % number
        self.server, self.why, self.host = server, why, host
        self.fingerprint = "" if isinstance(what, bytes) \
            else what.fingerprint()
        self.dialog = None

    def block(self, ca):
        scheme = "imap" if self.server.starttls else "imaps"
        return ("account %s {\n"
                "set folder = %s://anna@%s:%d\n"
                "set imap_pass = '%s'\n"
                "set ssl_ca_certificates_file = %s\n}\n" % (
                    self.account, scheme, self.host, self.server.port,
                    PASSWORD, ca))


def list_of_cells():
    """The names alone, which pytest wants before anything is made."""
    class Nothing:
        root = certificate = None

        def __getattr__(self, name):
            return lambda *_, **__: Nothing()
    return list(kinds(Nothing()))


CELLS = [(kind, way) for kind in list_of_cells()
         for way in ("implicit", "STARTTLS")]
DIALOG = re.compile(r"The server (\S+), port (\d+), cannot be trusted:")
REASON = re.compile(r"\bsession: (c\d+): (.*)")


class Matrix:
    def __init__(self, directory):
        make = Maker(directory)
        self.servers = Servers()
        self.cells = {}
        for name, (why, what, host, options) in kinds(make).items():
            for way in ("implicit", "STARTTLS"):
                server = self.servers.add(
                    context_of(what, directory, **options),
                    way == "STARTTLS")
                self.cells[name, way] = Cell(len(self.cells), server, why,
                                             host, what)
        self.ports = {c.server.port: c for c in self.cells.values()}
        self.reasons = {}
        self.config = "".join(c.block(make.ca) for c in self.cells.values())
        self.servers.start()

    def run(self, client):
        """One smew tries all; every question about a certificate: no."""
        log = os.path.join(client.home, "log")
        with client.start("-d", "1", "-l", log, columns=80,
                          rows=24) as screen:
            end = time.monotonic() + LIMIT
            while time.monotonic() < end:
                if self.answer(screen) or screen.pump(0.1):
                    continue
                if self.finished(log):
                    break
            screen.send("q")
            screen.wait_exit()
        self.servers.close()

    def answer(self, screen):
        """True when there was a question, the whole of it."""
        text = screen.text()
        found = DIALOG.search(text)
        cell = found and self.ports.get(int(found[2]))
        if not cell or "accept (o)nce" not in text or \
                cell.fingerprint not in re.sub(r"\s", "", text):
            return False
        # Half a frame may lack what was answered and is still shown; a
        # question that was asked twice would stay.
        if cell.dialog is None:
            screen.send("n")
        cell.dialog = text
        screen.wait_for(lambda s: found[0] not in s.text())
        return True

    def finished(self, log):
        """Takes the first thing the log says of each account."""
        if not os.path.exists(log):
            return False
        with open(log, encoding="utf-8") as text:
            for account, reason in REASON.findall(text.read()):
                self.reasons.setdefault(account, reason)
        return all(self.is_finished(cell) for cell in self.cells.values())

    def is_finished(self, cell):
        if cell.why is None:
            return b"AUTHENTICATE" in cell.server.secret
        reason = self.reasons.get(cell.account)
        return reason and ("was refused" not in reason or cell.dialog)


@pytest.fixture(scope="module")
def matrix(program, tmp_path_factory):
    from client import Client
    directory = tmp_path_factory.mktemp("matrix")
    home = directory / "home"
    home.mkdir(mode=0o700)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = Matrix(str(directory))
    client = Client(program, home, config=made.config)
    made.run(client)
    client.close()
    assert not client.sanitizer_reports()
    return made


@pytest.mark.parametrize("name,way", CELLS)
def test_cell(matrix, name, way):
    cell = matrix.cells[name, way]
    server = cell.server
    reason = matrix.reasons.get(cell.account)
    assert server.connections > 0
    assert leaks(PASSWORD, server.wire) == []
    assert leaks(PASSWORD, server.plain) == []
    if cell.why is None:
        assert leaks(PASSWORD, server.secret) != []
        return
    assert server.secret == b"", "spoke to a server that is not verified"
    for word in (b"LOGIN", b"AUTHENTICATE", b"SELECT", b"LIST", b"ID "):
        assert word not in server.plain.upper()
    assert reason and re.search(cell.why, reason)
    if "was refused" in reason:
        words = re.search(cell.why, reason)[0]
        shown = " ".join(line.strip() for line in cell.dialog.split("\n"))
        assert words.split(": ")[-1] in shown


def test_the_matrix_is_large_enough(matrix):
    bad = [c for c in matrix.cells.values() if c.why is not None]
    assert len(bad) >= 100
    assert list(matrix.cells) == CELLS
