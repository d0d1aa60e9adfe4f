# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of the benchmark: made from a number alone, so that every run
has the same ones, and with ids, names and signatures that compress as badly
as real ones do (real headers come down to 16-18 %, not to 11).

    corpus = Corpus(100000)
    for i in range(corpus.size):
        data, flags, when = corpus.message(i)
    corpus.token(i)         # the first word of the subject of a new thread

The newest messages begin threads of their own, so that their tokens are on
the first screen of every program, whatever its order.

Of a million and more each is small - one hop, no signatures, a short text - in
what a mail program asks for of an index they are as the others.
"""

import base64
import hashlib
import random
import time

SENDER = "Quentin Zweifel"      # of every 400th message: for the limits
SENDER_KEY = "zweifel"
EVERY = 400
ROOTS_AT_END = 12
PER_THREAD = 3.2

WORDS = """the of and to in for is on that by this with you it not or be are
from at as your all have new more an was we will home can us about if page my
has search free but our one other do no information time they site he up may
what which their news out use any there see only so his when contact here
business who web also now help get view online first am been would how were
services some these click its like service than find price date back top
people had list name just over state year day into email two health world next
used go work last most products music buy data make them should product system
post her city add policy number such please available copyright support
message after best software then good video well where info rights public
books high school through each links she review years order very privacy book
items company read group need many user said does set under general research
university january mail full map reviews program life know games way days
management part could great united hotel real item international center must
store travel comments made development report off member details line terms
before hotels did send right type because local those using results office
education national car design take posted internet address community within
states area want phone shipping reserved subject between forum family long
based code show even black check special prices website index being women much
sign file link open today technology south case project same pages version
section own found sports house related security both county american photo
game members power while care network down computer systems three total place
end following download him without per access think north resources current
posts big media law control water history pictures size art personal since
including guide shop directory board location change white text small rating
rate government children during return students shopping account times sites
level digital profile previous form events love old main call hours image
department title description insurance another why shall property class still
money quality every listing content country private little visit save tools
low reply customer compare movies include college value article man card jobs
provide food source author different press learn sale around print course job
canada process teen room stock training too credit point join science
categories advanced west sales look english left team estate box conditions
select windows photos thread week category note live large gallery table
register however june october november market library really action start
series model features air industry plan human provided required second""".split()

SYLLABLES = """an be cor da el fi gu ha in jo ka li mo na or pe qui ra sa ti
ul va wen xa yo zel bri cla dro fle gra hul kri mer nol pra sto tre vin
""".split()

WHEN_NEWEST = 1_760_000_000     # a fixed instant: dates do not move with runs
YEARS = 8 * 365 * 86400
MILLION = 1_000_000             # from here on messages are small


class Corpus:
    def __init__(self, size, name="m"):
        self.size = size
        self.small = size >= MILLION
        self.seed = "%s%d" % (name, size)
        # Two pools to cut from: text for bodies, noise for attachments.
        rnd = random.Random(self.seed)
        words = [rnd.choice(WORDS) for _ in range(60_000)]
        lines, line = [], ""
        for word in words:
            if len(line) + len(word) > 70:
                lines.append(line)
                line = ""
            line += (" " if line else "") + word
        self.text = ("\r\n".join(lines) + "\r\n").encode()
        noise = base64.b64encode(rnd.randbytes(150_000)).decode()
        self.noise = "\r\n".join(noise[i:i + 76] for i in range(
            0, len(noise), 76)).encode()
        self.people = [person(rnd) for _ in range(max(40, min(
            4000, size // 12)))]

    def random(self, i):
        return random.Random("%s/%d" % (self.seed, i))

    def token(self, i):
        return token("%s/%d" % (self.seed, i))

    # ---- one message ----

    def root(self, i):
        """The message that begins the thread of message i."""
        if i >= self.size - ROOTS_AT_END or i < 10:
            return i
        rnd = self.random(i)
        if rnd.random() < 1 / PER_THREAD:
            return i
        # Answers come soon after, and some after years.
        back = 1 + int(rnd.expovariate(1 / 30))
        return self.root(max(0, i - back))

    def ident(self, i):
        rnd = random.Random("%s:id:%d" % (self.seed, i))
        kind = i % 4
        noise = rnd.getrandbits(160)
        domain = self.people[rnd.randrange(len(self.people))][1]
        domain = domain.partition("@")[2]
        if kind == 0:
            return "<CA%s@mail.%s>" % (b64(noise, 50), domain)
        if kind == 1:
            return "<%x-%x-%x@%s>" % (noise >> 128, noise >> 64 & 0xffffff,
                                      noise & 0xffffffff, domain)
        if kind == 2:
            return "<%d.%d.%s@%s>" % (WHEN_NEWEST - i, noise & 0xffffff,
                                      b64(noise >> 80, 16), domain)
        return "<%s.%s@%s>" % (b64(noise >> 60, 18), b64(noise, 10), domain)

    def when(self, i):
        step = YEARS / max(self.size, 1000)
        return int(WHEN_NEWEST - (self.size - 1 - i) * step)

    def message(self, i):
        """(octets with CRLF, flags, time of arrival)"""
        rnd = self.random(i)
        when = self.when(i)
        body_head, body = self.body(rnd, i)
        header = self.header(rnd, i, when) + body_head
        return (header.encode() + b"\r\n" + body, flags(rnd), when)

    def sender(self, rnd, i):
        # The newest page has none: a limit must find them.
        if i % EVERY == 0 and i < self.size - 60:
            return SENDER, "quentin.zweifel@example.net"
        return self.people[min(int(rnd.expovariate(8) * len(self.people)),
                               len(self.people) - 1)]

    def header(self, rnd, i, when):
        name, address = self.sender(rnd, i)
        to = rnd.choice(self.people)
        root = self.root(i)
        stamp = date(when)
        bits = rnd.getrandbits(2048)
        lines = ["Return-Path: <%s>" % address,
                 "Delivered-To: anna@example.org"]
        for hop in range(1 if self.small else 2 + bits % 3):
            lines.append(
                "Received: from mx%d.%s (mx%d.%s [10.%d.%d.%d])\r\n\tby "
                "relay%d.example.org (Postfix) with ESMTPS id %s\r\n\tfor "
                "<anna@example.org>; %s" % (
                    hop, address.partition("@")[2], bits >> 8 & 15,
                    address.partition("@")[2], bits >> 16 + hop & 255,
                    bits >> 24 + hop & 255, bits >> 32 + hop & 255, hop,
                    b64(bits >> 40 + 90 * hop, 14), stamp))
        signed = 0 if self.small else 1 + bits % 3
        lines += [signature(rnd, name, address.partition("@")[2])
                  for name in ("DKIM-Signature", "ARC-Message-Signature",
                               "ARC-Seal")[:signed]]
        lines += ["From: %s <%s>" % (name, address),
                  "To: %s <%s>" % (to if rnd.random() < .5 else
                                   ("Anna Example", "anna@example.org"))]
        for _ in range(int(rnd.expovariate(1.2))):
            lines.append("%s: %s <%s>" % (
                ("Cc", *rnd.choice(self.people)) if "Cc: " not in lines[-1]
                else ("X-Copy", *rnd.choice(self.people))))
        lines += ["Subject: " + self.subject(i, root), "Date: " + stamp,
                  "Message-ID: " + self.ident(i)]
        lines += self.references(i, root)
        if root % 5 == 0:
            lines += ["List-Id: <list%d.lists.example.net>" % (root % 97),
                      "Precedence: list"]
        lines += ["MIME-Version: 1.0",
                  "X-Mailer: Mailer %d.%d" % (bits & 7, bits >> 3 & 15),
                  "X-Spam-Status: No, score=-%d.%d tests=[%s]" % (
                      bits & 3, bits >> 2 & 7, b64(bits >> 900, 60)),
                  "Authentication-Results: mx.example.org; dkim=pass "
                  "header.d=%s" % address.partition("@")[2]]
        return "\r\n".join(lines) + "\r\n"

    def subject(self, i, root):
        rnd = random.Random("%s:subject:%d" % (self.seed, root))
        text = "%s %s" % (self.token(root), " ".join(
            rnd.choice(WORDS) for _ in range(rnd.randrange(2, 8))))
        return text if i == root else "Re: " + text

    def references(self, i, root):
        if i == root:
            return []
        chain, at = [], i
        while at != root and len(chain) < 12:
            rnd = self.random(at)
            rnd.random()
            at = max(0, at - 1 - int(rnd.expovariate(1 / 30)))
            chain.insert(0, self.ident(at))
        return ["In-Reply-To: " + chain[-1],
                "References: " + "\r\n ".join(chain)]

    def cut(self, rnd, size):
        start = rnd.randrange(len(self.text) - size)
        return self.text[start:start + size] + b"\r\n"

    def body(self, rnd, i):
        text = self.cut(rnd, min(200 if self.small else 20_000,
                                 int(rnd.lognormvariate(6.6, .8))))
        kind = rnd.random()
        if kind < .45:
            return ("Content-Type: text/plain; charset=utf-8\r\n"
                    "Content-Transfer-Encoding: 8bit\r\n", text)
        border = "b%x" % rnd.getrandbits(96)
        head = ("Content-Type: multipart/%s; boundary=\"%s\"\r\n" %
                ("alternative" if kind < .85 else "mixed", border))
        parts = [(b"text/plain; charset=utf-8", b"8bit", text)]
        if kind < .85:
            parts.append((b"text/html; charset=utf-8", b"8bit",
                          b"<html><body><p>" + text + b"</p></body></html>"))
        else:
            size = min(200 if self.small else 60_000,
                       int(rnd.lognormvariate(8, 1)))
            start = rnd.randrange(len(self.noise) - size) // 78 * 78
            parts.append((b"application/pdf; name=\"a%d.pdf\"" % i, b"base64",
                          self.noise[start:start + size // 78 * 78]))
        return head, multipart(border, parts)


def multipart(border, parts):
    out = []
    for kind, coding, data in parts:
        out.append(b"--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: "
                   b"%s\r\n\r\n%s\r\n" % (border.encode(), kind, coding,
                                          data))
    out.append(b"--%s--\r\n" % border.encode())
    return b"".join(out)


def signature(rnd, name, domain):
    noise = base64.b64encode(rnd.randbytes(288)).decode()
    return ("%s: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s;\r\n"
            " s=s%d; h=from:to:subject:date:message-id;\r\n bh=%s;\r\n b=%s"
            % (name, domain, rnd.randrange(9), noise[:44], "\r\n  ".join(
                noise[k:k + 64] for k in range(44, 384, 64))))


def b64(bits, length):
    data = (bits & ((1 << 8 * length) - 1)).to_bytes(length, "little")
    return base64.urlsafe_b64encode(data)[:length].decode()


def token(text):
    """A word that is nowhere else."""
    number = int.from_bytes(hashlib.blake2b(text.encode()).digest()[:8],
                            "little")
    letters = ""
    for _ in range(8):
        number, digit = divmod(number, 24)
        letters += "bcdfghjklmnpqrstvwxyz245"[digit]
    return "q" + letters


def person(rnd):
    first, last = ("".join(rnd.choice(SYLLABLES) for _ in range(
        rnd.randrange(2, 4))).capitalize() for _ in range(2))
    domain = "".join(rnd.choice(SYLLABLES) for _ in range(3))
    return ("%s %s" % (first, last), "%s.%s@%s.example" % (
        first.lower(), last.lower(), domain))


def date(when):
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))


def flags(rnd):
    """Everything is read, so that every program begins at its newest end."""
    mark = rnd.random()
    return ("\\Seen" + (" \\Answered" if mark < .15 else "") +
            (" \\Flagged" if .14 < mark < .17 else "") +
            (" $Label1" if .3 < mark < .32 else ""))


def plain(subject, body, when=None, name="Anna Example"):
    """A message of one text, as delivered now."""
    when = when or int(time.time())
    return ("From: %s <anna@example.org>\r\nTo: anna@example.org\r\n"
            "Subject: %s\r\nDate: %s\r\nMessage-ID: <%s@example.org>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "\r\n%s" % (name, subject, date(when),
                        token(subject + str(when)), body)).encode()
