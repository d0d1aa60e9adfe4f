# SPDX-License-Identifier: GPL-3.0-or-later
# An entry looks like this:
#   UNIT_TESTS += tests/unit/test-session
#   tests_unit_test_session_SOURCES = tests/unit/test-session.c
#   tests_unit_test_session_LDADD = libsmew-session.a libsmew-base.a $(UNIT_LIBS)
