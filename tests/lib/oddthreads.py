# SPDX-License-Identifier: GPL-3.0-or-later
"""A small mailbox of odd threads, dates and subjects, to compare orders and
trees in it. A message is known by the name of its author.

    fill(server)        # a Dovecot
    NAMES               # of all messages, in the order of their UIDs
"""

import imaplib
import time
from email.utils import formatdate

START = 1700000000
HOUR = 3600

# name, id, hours of Date (None: it has none) and of arrival, subject,
# In-Reply-To, References, recipient
MAILS = [
    # an ordinary thread; the last answer arrived late and is old
    ("plan", "plan", 1, 1, "Plan", "", "", "bob"),
    ("plan2", "plan2", 2, 2, "Re: Plan", "plan", "plan", "anna"),
    ("plan3", "plan3", 3, 4, "Re: Plan", "plan2", "plan plan2", "bob"),
    ("plan4", "plan4", 1.5, 60, "Re: Plan", "plan", "plan", "Carl"),
    ("plan5", "plan5", 5, 5, "Other words", "plan3", "plan plan2 plan3",
     "bob"),
    ("plan6", "plan6", 6, 3, "Re: Other words", "plan5",
     "plan plan2 plan3 plan5", "anna"),
    # answers to what is not there
    ("lostb", "lostb", 9, 8, "Re: Lost", "gone1", "gone1", "bob"),
    ("losta", "losta", 8, 9, "Re: Lost", "", "gone1", "anna"),
    ("lostc", "lostc", 10, 10, "Re: Lost", "losta", "gone1 losta", "dora"),
    # two of them below what is there, and one with nobody beside it
    ("root", "root", 11, 11, "Root", "", "", "bob"),
    ("mid1", "mid1", 14, 12, "Re: Root", "gone2", "root gone2", "bob"),
    ("side", "side", 13, 13, "Re: Root", "root", "root", "bob"),
    ("mid2", "mid2", 12, 14, "Re: Root", "gone2", "root gone2", "bob"),
    ("only", "only", 12.5, 15, "Re: Root", "gone3", "root gone3", "bob"),
    ("below", "below", 16, 16, "Re: Root", "gone5", "root gone4 gone5",
     "bob"),
    # circles
    ("cyc1", "cyc1", 17, 17, "Circle", "cyc2", "cyc2", "bob"),
    ("cyc2", "cyc2", 18, 18, "Circle", "cyc1", "cyc1", "bob"),
    ("self", "self", 19, 19, "Myself", "self", "self", "bob"),
    # the same Message-ID again
    ("dup1", "dup", 20, 21, "Twice", "", "", "bob"),
    ("dup2", "dup", 20, 20, "Twice", "", "", "anna"),
    ("dup3", "dup", 19.5, 22, "Twice", "", "", "anna"),
    ("dupre", "dupre", 23, 23, "Re: Twice", "dup", "dup", "bob"),
    # equal dates, and none
    ("same3", "same3", 24, 24, "same", "", "", "bob"),
    ("same1", "same1", 24, 24, "Same", "", "", "Bob"),
    ("same2", "same2", 24, 24, "tame", "", "", ""),
    ("nodate", "nodate", None, 25, "No date", "", "", "eve"),
    # by subject alone
    ("rep1", "rep1", 30, 30, "Report", "", "", "bob"),
    ("rep2", "rep2", 31, 31, "Re: Report", "", "", "bob"),
    ("rep3", "rep3", 32, 32, "Re: Report", "rep2", "rep2", "bob"),
    ("rep4", "rep4", 33, 29, "RE: Report", "", "", "bob"),
    ("rep5", "rep5", 34, 34, "Report", "", "", "bob"),
    ("rep6", "rep6", 35, 35, "Re: Report", "", "", "bob"),
    ("none1", "none1", 36, 36, "Re: Nothing", "", "", "bob"),
    ("none2", "none2", 37, 37, "Re[2]: Nothing", "", "", "bob"),
    ("empty1", "empty1", 38, 38, "Re: ", "", "", "bob"),
    ("empty3", "empty3", 38.5, 38, "Re: ", "", "", "bob"),
    ("empty2", "empty2", 39, 39, None, "", "", "bob"),
    # a missing original whose answers belong to a subject
    ("memo", "memo", 40, 40, "Memo", "", "", "bob"),
    ("memo3", "memo3", 42, 41, "Re: Memo", "gone6", "gone6", "bob"),
    ("memo2", "memo2", 41, 42, "Re: Memo", "gone6", "gone6", "bob"),
    # other languages
    ("sv1", "sv1", 43, 43, "Möte", "", "", "bob"),
    ("sv2", "sv2", 44, 44, "Sv: Möte", "", "", "bob"),
    ("aw1", "aw1", 45, 45, "Bericht", "", "", "bob"),
    ("aw2", "aw2", 46, 46, "AW: Bericht", "", "", "bob"),
    ("aw3", "aw3", 47, 47, "Antwort: Bericht", "", "", "bob"),
    # In-Reply-To and References that say different things
    ("two1", "two1", 48, 48, "First", "", "", "bob"),
    ("two2", "two2", 49, 49, "Second", "", "", "bob"),
    ("both", "both", 50, 50, "Both", "two2", "two1", "bob"),
    # arrived before what it answers
    ("early", "early", 52, 51, "Re: Late", "late", "late", "bob"),
    ("late", "late", 51, 53, "Late", "", "", "bob"),
]
NAMES = [mail[0] for mail in MAILS]


def ids(text):
    return " ".join("<%s@odd>" % name for name in text.split())


def message(number, name, own, sent, subject, parent, references, to):
    lines = ["From: %s <%s@example.org>" % (name, name),
             "Message-ID: <%s@odd>" % own]
    if to:
        lines.append("To: %s@example.org" % to)
    if sent is not None:
        lines.append("Date: " + formatdate(START + sent * HOUR))
    if subject is not None:
        lines.append("Subject: " + subject)
    if parent:
        lines.append("In-Reply-To: " + ids(parent))
    if references:
        lines.append("References: " + ids(references))
    # No two are nearly of one size: mutt leaves out of it what it fetched.
    return ("\r\n".join(lines) + "\r\n\r\n" + "x" * 400 * (number * 17 % 53) + "\r\n").encode()


def fill(server):
    with server.client() as imap:
        for number, (name, own, sent, arrived, subject, parent, references,
                     to) in enumerate(MAILS):
            when = imaplib.Time2Internaldate(
                time.gmtime(START + arrived * HOUR))
            imap.check_ok(imap.append(
                "INBOX", None, when,
                message(number, name, own, sent, subject, parent, references,
                        to)))
