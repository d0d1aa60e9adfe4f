# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a cache is consistent: what is counted and what is there agree."""

# Each finds nothing in a cache that is consistent.
FAULTS = {
    "a UID twice":
        "SELECT mbox, uid FROM msg GROUP BY mbox, uid HAVING count(*) > 1",
    "the mailbox's counters":
        "SELECT * FROM (SELECT b.total, b.unread, b.fresh, b.flagged,"
        " b.deleted, b.octets, count(m.id) AS c,"
        " ifnull(sum(NOT m.shown & 1), 0) AS u,"
        " ifnull(sum(NOT m.shown & 257), 0) AS f,"
        " ifnull(sum((m.shown & 4) <> 0), 0) AS g,"
        " ifnull(sum((m.shown & 8) <> 0), 0) AS d,"
        " ifnull(sum(m.size), 0) AS o"
        " FROM mbox b LEFT JOIN msg m ON m.mbox = b.id GROUP BY b.id)"
        " WHERE total <> c OR unread <> u OR fresh <> f OR flagged <> g"
        " OR deleted <> d OR octets <> o",
    "the threads' counters":
        "SELECT * FROM (SELECT t.n, t.unread, t.fresh, count(m.id) AS c,"
        " ifnull(sum(NOT m.shown & 1), 0) AS u,"
        " ifnull(sum(NOT m.shown & 257), 0) AS f"
        " FROM thr t LEFT JOIN msg m ON m.thr = t.id GROUP BY t.id)"
        " WHERE n = 0 OR n <> c OR unread <> u OR fresh <> f",
    "messages without thread":
        "SELECT id FROM msg WHERE thr NOT IN (SELECT id FROM thr)",
    "messages without header":
        "SELECT id FROM msg WHERE id NOT IN (SELECT id FROM hdr)",
    "headers and bodies without message":
        "SELECT id FROM hdr WHERE id NOT IN (SELECT id FROM msg)"
        " UNION SELECT id FROM body WHERE id NOT IN (SELECT id FROM msg)",
}


def faults(db):
    """[(what is wrong, the rows that show it)] of an open connection."""
    found = [("damaged", row)
             for row in db.execute("PRAGMA integrity_check").fetchall()
             if row != ("ok",)]
    for what, sql in FAULTS.items():
        rows = db.execute(sql).fetchall()
        if rows:
            found.append((what, rows[:5]))
    return found
