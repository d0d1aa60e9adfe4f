# SPDX-License-Identifier: GPL-3.0-or-later
# An entry looks like this:
#   UNIT_TESTS += tests/unit/test-imap
#   tests_unit_test_imap_SOURCES = tests/unit/test-imap.c
#   tests_unit_test_imap_LDADD = libsmew-imap.a libsmew-base.a $(UNIT_LIBS)
