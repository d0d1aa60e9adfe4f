# SPDX-License-Identifier: GPL-3.0-or-later
"""mutt and smew on the same mailbox of odd threads: the order of the list and
the tree in it are the same, whatever the options say."""

import re

import oddthreads
import pytest
from dovecot import Dovecot
from mutt import Mutt
from screen import ScreenError

FORMATS = """
set index_format = "%n:%s#"
set status_format = "[%s %S]"
set hide_thread_subject
"""
ROW = re.compile(r"(?:^|\s)(\w+):([^#\n]*)#", re.MULTILINE)
MANY = '"^(re|aw|antwort|sv)(\\\\[[0-9]+\\\\])*:[ \\t]*"'
# curses may draw a line by the terminal's own set or not.
ASCII = str.maketrans("├└┌│─┬┴", "|`,|---")
DEFAULTS = {
    "sort": "threads", "sort_aux": "date", "strict_threads": "no",
    "sort_re": "yes", "duplicate_threads": "yes", "thread_received": "no",
    "hide_missing": "yes", "hide_top_missing": "yes", "narrow_tree": "no",
    "sort_thread_groups": "aux", "hide_thread_subject": "yes",
    "reply_regexp": '"^(re)(\\\\[[0-9]+\\\\])*:[ \\t]*"',
}
FLAT = ["date", "date-received", "from", "subject", "size", "to", "score",
        "spam", "label", "mailbox-order"]
WAYS = (
    [{"sort": key, "sort_aux": "date"} for key in FLAT] +
    [{"sort": "reverse-" + key, "sort_aux": "reverse-date-received"}
     for key in FLAT] +
    [{"sort": "subject", "sort_aux": "size"},
     {"sort": "to", "sort_aux": "from"},
     {"sort": "reverse-to", "sort_aux": "reverse-size"}] +
    [{"sort_aux": key} for key in (
        "date", "date-received", "last-date", "last-date-received",
        "reverse-date", "reverse-last-date-received", "from", "last-subject",
        "reverse-size", "to", "mailbox-order", "last-score")] +
    [dict({"sort": "reverse-threads"}, sort_aux=key) for key in (
        "date", "last-date-received", "reverse-last-date")] +
    [{"strict_threads": "yes"},
     {"strict_threads": "yes", "sort_aux": "reverse-last-date-received"},
     {"sort_re": "no"}, {"sort_re": "no", "sort_aux": "last-date-received"},
     {"duplicate_threads": "no"}, {"thread_received": "yes"},
     {"hide_missing": "no"}, {"hide_missing": "no", "hide_top_missing": "no"},
     {"narrow_tree": "yes"}, {"hide_thread_subject": "no"},
     {"reply_regexp": MANY},
     {"reply_regexp": MANY, "sort": "subject", "sort_aux": "date"},
     {"sort_thread_groups": "reverse-last-date", "sort_aux": "date"},
     {"sort_thread_groups": "subject", "sort_aux": "reverse-date"}]
)


@pytest.fixture
def server():
    with Dovecot() as dovecot:
        oddthreads.fill(dovecot)
        yield dovecot


def rows(screen):
    return [(name, text.translate(ASCII).rstrip()) for name, text in
            ROW.findall(screen.text())]


def is_whole(screen):
    return len(rows(screen)) == len(oddthreads.NAMES)


def type_options(screen, options):
    screen.send(":set " + " ".join(
        "%s=%s" % pair for pair in options.items()) + "\r")


def compare(mutt, smew, options):
    """From mailbox-order, so that mutt begins anew each time."""
    for screen in mutt, smew:
        type_options(screen, dict(DEFAULTS, sort="mailbox-order"))
        screen.wait_for(r"\[mailbox-order date\]", 30)
        type_options(screen, dict(DEFAULTS, **options))
    wanted = dict(DEFAULTS, **options)
    status = r"\[%s %s\]" % (wanted["sort"], wanted["sort_aux"])
    for screen in mutt, smew:
        screen.wait_for(status, 30)
    mutt.send("=")
    mutt.wait_for(is_whole, 30)
    for limit in 2, 2, 10:
        mutt.settle(0.1)
        smew.send("=")      # it keeps the line of the cursor
        try:
            smew.wait_for(lambda s: rows(s) == rows(mutt), limit)
            break
        except ScreenError:
            pass
    return rows(mutt), rows(smew)


def difference(theirs, ours):
    lines = []
    for a, b in zip(theirs, ours + [("", "")] * len(theirs)):
        lines.append("%s %-40s %s" % (" " if a == b else "!",
                                      "%s %s" % a, "%s %s" % b))
    return "\n".join(lines)


def test_orders(make_client, server, tmp_path):
    size = len(oddthreads.NAMES) + 6
    smew = make_client(server.tunnel, FORMATS +
                       "set sidebar_visible = no\n").start(rows=size,
                                                          columns=120)
    wrong = []
    with Mutt(server, tmp_path, FORMATS, rows=size) as mutt:
        for screen in mutt, smew:
            screen.wait_for(is_whole, 60)
        for options in WAYS:
            theirs, ours = compare(mutt, smew, options)
            if theirs != ours:
                wrong.append("%s: mutt and smew\n%s" % (
                    options, difference(theirs, ours)))
    assert not wrong, "\n\n".join(wrong)
