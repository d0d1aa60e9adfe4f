# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that are compared: one file each, a class Peer."""

import importlib

NAMES = ("smew", "neomutt", "mutt", "aerc", "alpine")


def load(name, path=None, label=None):
    """The adapter 'name'; 'path' is a program other than the installed."""
    return importlib.import_module("peers." + name).Peer(path, label or name)
