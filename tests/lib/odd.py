# SPDX-License-Identifier: GPL-3.0-or-later
"""A small mailbox of odd senders, subjects, dates and threads, to compare what
patterns match in it. Every message has the id <NAME@odd>.

    fill(server, now)       # a Dovecot; now: seconds
"""

import imaplib
import time
from email.utils import formatdate

DAY = 86400

# name, flags, age of Date and of arrival in days, header, size of the body
MAILS = [
    ("plain", "\\Seen", 3.4, 3.4, "From: Anna Example <anna@example.org>\n"
     "To: bob@example.de\nSubject: A plain one\n", 200),
    ("re1", "", 3.2, 3.2, "From: Bob <bob@example.de>\nTo: anna@example.org\n"
     "Cc: Carl <carl@example.de>, dora@example.com\n"
     "Subject: Re: A plain one\nIn-Reply-To: <plain@odd>\n"
     "References: <plain@odd>\n", 300),
    ("re2", "\\Seen \\Answered", 3.0, 3.0, "From: carl@example.de\n"
     "To: bob@example.de\nSubject: Re: A plain one\n"
     "References: <plain@odd> <re1@odd>\n", 300),
    ("capitals", "\\Flagged", 12.5, 12.5, "From: ANNA <ANNA@EXAMPLE.ORG>\n"
     "To: list@lists.example.org\nSubject: SHOUTING [News] (x)\n"
     "List-Id: <talk.example.org>\n", 5000),
    ("umlaut", "\\Seen", 40.5, 40.5, "From: =?utf-8?q?J=C3=BCrgen_Gro=C3=9F?= "
     "<jg@example.de>\nTo: anna@example.org\n"
     "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=\n", 12000),
    ("latin1", "", 41.5, 41.5, "From: =?iso-8859-1?Q?Ren=E9e?= "
     "<renee@example.fr>\nTo: anna@example.org, bob@example.de\n"
     "Subject: =?iso-8859-1?Q?D=E9j=E0_vu?=\n", 700),
    ("comma", "\\Deleted", 100.5, 99.5, "From: \"Doe, John\" "
     "<john.doe@example.com>\nTo: \"Roe, Jane\" <jane@example.com>, "
     "anna@example.org\nSubject: Commas, in \"names\"\n", 1500),
    ("nosubject", "\\Seen", 5.5, 5.5, "From: x@y.example\n"
     "To: anna@example.org\n", 100),
    ("emptysubject", "\\Seen", 6.5, 6.5, "From: x@y.example\n"
     "To: anna@example.org\nSubject: \n", 100),
    ("norecipient", "", 7.5, 7.5, "From: Daemon <root@localhost>\n"
     "Subject: cron *.* ~ output = 5%\n", 90),
    ("group", "\\Seen", 8.5, 8.5, "From: eve@example.net\n"
     "To: undisclosed-recipients:;\nSubject: to a group | or none\n", 90),
    ("twofrom", "\\Seen \\Flagged", 9.5, 9.5, "From: one@example.com, "
     "Two <two@example.com>\nSender: one@example.com\n"
     "To: anna@example.org\nSubject: Two authors\n", 90),
    ("backslash", "", 10.5, 10.5, "From: \"C:\\\\dir\" <c@example.com>\n"
     "To: anna@example.org\nSubject: path C:\\dir\\file.txt\n", 90),
    ("orphan", "\\Seen", 2.4, 2.4, "From: bob@example.de\n"
     "To: anna@example.org\nSubject: Re: something lost\n"
     "In-Reply-To: <missing@odd>\n", 90),
    ("orphan2", "", 2.3, 2.3, "From: carl@example.de\n"
     "To: anna@example.org\nSubject: Re: something lost\n"
     "References: <missing@odd>\n", 90),
    ("deep1", "\\Seen", 20.9, 20.9, "From: a1@example.org\nTo: l@example.org\n"
     "Subject: deep\n", 90),
    ("deep2", "\\Seen", 20.8, 20.8, "From: a2@example.org\nTo: l@example.org\n"
     "Subject: deep\nReferences: <deep1@odd>\n", 90),
    ("deep3", "\\Seen", 20.7, 20.7, "From: a3@example.org\nTo: l@example.org\n"
     "Subject: deeper\nReferences: <deep1@odd> <deep2@odd>\n", 90),
    ("deep4", "", 20.6, 20.6, "From: a4@example.org\nTo: l@example.org\n"
     "Subject: deeper\nReferences: <deep1@odd> <deep2@odd> <deep3@odd>\n", 90),
    ("branch", "\\Answered", 20.5, 20.5, "From: a5@example.org\n"
     "To: l@example.org\nSubject: branch\nIn-Reply-To: <deep2@odd>\n", 90),
    ("ancient", "\\Seen", 9000.5, 1.4, "From: old@example.org\n"
     "To: anna@example.org\nSubject: from long ago\n", 90),
    ("late", "\\Seen", 400.5, 0.4, "From: snail@example.org\n"
     "To: anna@example.org\nSubject: arrived late\n", 90),
    ("today", "", 0.0, 0.0, "From: Anna Example <anna@example.org>\n"
     "To: anna@example.org\nSubject: today\n", 90),
    ("yesterday", "", 1.0, 1.0, "From: Anna Example <anna@example.org>\n"
     "To: Bob <bob@example.de>\nSubject: yesterday\n", 90),
    ("large", "\\Seen", 15.5, 15.5, "From: big@example.org\n"
     "To: anna@example.org\nSubject: large\n", 150000),
    ("folded", "\\Seen", 16.5, 16.5, "From: fold@example.org\n"
     "To: anna@example.org,\n bob@example.de,\n\tcarl@example.de\n"
     "Subject: a subject that goes on\n in a second line\n", 90),
    ("cjk", "", 17.5, 17.5, "From: =?utf-8?b?5bGx5pys?= <y@example.jp>\n"
     "To: anna@example.org\nSubject: =?utf-8?b?5LyR5pqH44Gu44GK55+l44KJ44Gb?="
     "\n", 90),
]


def message(name, age, header, size, now):
    body = ("text of %s\n" % name) + "x" * 70 + "\n"
    body += ("y" * 70 + "\n") * (size // 71)
    return ("Message-ID: <%s@odd>\nDate: %s\n%s\n%s" % (
        name, formatdate(now - age * DAY), header, body)).encode()


def fill(server, now):
    with server.client() as imap:
        for name, flags, age, arrived, header, size in MAILS:
            data = message(name, age, header, size, now)
            when = imaplib.Time2Internaldate(time.gmtime(now - arrived * DAY))
            imap.check_ok(imap.append("INBOX", flags or None, when,
                                      data.replace(b"\n", b"\r\n")))
