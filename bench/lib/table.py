# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the benchmark, their targets, and the table of medians."""

import collections
import math
import statistics

Row = collections.namedtuple("Row", "name title unit")

ROWS = [Row(*row) for row in (
    ("cold", "cold open: first screen", "s"),
    ("cold-flights", "... flights until then", ""),
    ("cold-bytes", "... octets down until then", "B"),
    ("fill", "cold open: all loaded", "s"),
    ("fill-bytes", "... octets down", "B"),
    ("warm", "warm open: first screen", "ms"),
    ("warm-bytes", "... octets down", "B"),
    ("delta", "100 new and 1,000 flags later: first screen", "ms"),
    ("delta-seen", "... the new ones on the screen", "s"),
    ("delta-bytes", "... octets down", "B"),
    ("key-wait", "longest wait of a key in a cold open", "ms"),
    ("key-wait-p99", "... p99", "ms"),
    ("memory", "resident, warm", "MiB"),
    ("memory-cold", "peak of a cold open", "MiB"),
    ("down", "one step down, p50", "ms"),
    ("down-p99", "... p99", "ms"),
    ("down-bytes", "... octets to the terminal", "B"),
    ("page", "page down", "ms"),
    ("page-bytes", "... octets to the terminal", "B"),
    ("limit-first", "limit by sender: first hit", "ms"),
    ("limit", "... whole", "ms"),
    ("threads", "from date order to threads", "ms"),
    ("told", "new mail: Dovecot tells an IDLE client", "s"),
    ("new", "... the row is on the screen", "s"),
    ("idle-ticks", "20 s idle: ticks of CPU", ""),
    ("idle-switches", "... context switches", ""),
    ("idle-bytes", "... octets on the line", "B"),
    ("idle-drawn", "... octets to the terminal", "B"),
    ("text", "30 KB text, first time", "ms"),
    ("text-again", "... again", "ms"),
    ("text-bytes", "... octets down, first time", "B"),
    ("large", "20 MB attachment: its text", "ms"),
    ("large-again", "... again", "ms"),
    ("large-bytes", "... octets down, first time", "B"),
    ("send", "the message is sent", "s"),
    ("send-keys", "... keys meanwhile, each answered", ""),
    ("send-key", "... a key, p50", "ms"),
    ("send-key-p99", "... p99", "ms"),
    ("send-key-max", "... longest", "ms"),
    ("memory-send", "... peak memory", "MiB"),
)]
PEERS = ("neomutt", "mutt", "aerc", "alpine")


class Target:
    def __init__(self, text, met):
        self.text, self.met = text, met


def at_most(text, number):
    return Target(text, lambda of: of("smew") <= number)


def target(row, size, wan, of, thousand):
    """The target of a row in a table, or None. of(label): the median of this
    row, math.inf when there is none; thousand: smew's warm open of 1,000."""
    peers = min(of(peer) for peer in PEERS)
    loaders = min(of(peer) for peer in ("neomutt", "mutt"))
    fixed = {
        "warm": at_most("30 ms", .030),
        "key-wait": at_most("50 ms", .050) if wan else None,
        "key-wait-p99": at_most("16 ms", .016) if wan else None,
        "send-key-max": at_most("50 ms", .050),
        "down": at_most("1 ms", .001),
        "down-bytes": at_most("the best peer's", peers),
        "idle-ticks": at_most("0", 0), "idle-switches": at_most("0", 0),
        "idle-bytes": at_most("0", 0), "idle-drawn": at_most("0", 0),
        "fill": at_most("limit / 0.7", of("limit") / .7),
        "fill-bytes": at_most("the leanest loader's", loaders),
        "delta-seen": at_most("1.5 x limit", 1.5 * of("limit")),
        "delta-bytes": at_most("1.3 x limit", 1.3 * of("limit")),
    }
    if wan:
        fixed["cold"] = at_most("0.5 x alpine, 1.5 x limit",
                                min(.5 * of("alpine"), 1.5 * of("limit")))
    if size == 100_000:
        fixed.update({"memory": at_most("30 MiB", 30 * 1024),
                      "limit-first": at_most("50 ms", .050),
                      "limit": at_most("100 ms", .100),
                      "threads": at_most("100 ms", .100)})
    if size == 1_000_000:
        fixed["memory"] = at_most("60 MiB", 60 * 1024)
        fixed["warm"] = at_most("30 ms, 1.2 x 1k", min(
            .030, 1.2 * thousand))
    return fixed.get(row.name)


def shown(value, unit):
    if value is None:
        return "n/a"
    if math.isinf(value):
        return "never"
    if unit == "s":
        return "%.3g" % value if value < 100 else "%.0f" % value
    if unit == "ms":
        value *= 1000
        return "%.2g" % value if value < 10 else "%.0f" % value
    if unit == "MiB":
        return "%.1f" % (value / 1024)
    if unit == "B" and value >= 10_000_000:
        return "%.1f M" % (value / 1e6)
    if unit == "B" and value >= 10_000:
        return "%.0f k" % (value / 1e3)
    return "%d" % value


class Table:
    """One mailbox on one kind of line: values by row and program."""

    def __init__(self, title, size, wan, labels):
        self.title, self.size, self.wan = title, size, wan
        self.labels = labels
        self.values = collections.defaultdict(list)

    def add(self, label, values):
        for name, value in values.items():
            self.values[name, label].append(value)

    def median(self, name, label):
        values = self.values.get((name, label))
        return statistics.median(values) if values else None

    def rows(self):
        return [row for row in ROWS if any(
            (row.name, label) in self.values for label in self.labels)]

    def cell(self, row, label):
        value, own = self.median(row.name, label), self.median(row.name,
                                                               "smew")
        text = shown(value, row.unit)
        if (label != "smew" and own and value is not None and
                not math.isinf(own) and not math.isinf(value)):
            text += " (%.2g)" % (value / own)
        return text

    def verdict(self, row, thousand):
        def of(label):
            value = self.median(row.name, label)
            return math.inf if value is None else value
        aim = target(row, self.size, self.wan, of, thousand)
        if aim is None:
            return "", None
        if self.median(row.name, "smew") is None:
            return aim.text, None
        return aim.text, aim.met(of)

    def text(self, thousand=math.inf):
        lines = ["### " + self.title, "",
                 "| | " + " | ".join(self.labels) + " | target | met |",
                 "|---|" + "---:|" * len(self.labels) + "---|---|"]
        for row in self.rows():
            aim, met = self.verdict(row, thousand)
            unit = ", " + row.unit if row.unit else ""
            cells = [row.title + unit]
            cells += [self.cell(row, label) for label in self.labels]
            cells += [aim, {None: "", True: "yes", False: "**no**"}[met]]
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines) + "\n"
