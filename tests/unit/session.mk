# SPDX-License-Identifier: GPL-3.0-or-later
UNIT_TESTS += tests/unit/test-session-filewatch
tests_unit_test_session_filewatch_SOURCES = \
	tests/unit/test-session-filewatch.c
tests_unit_test_session_filewatch_LDADD = libsmew-session.a libsmew-base.a \
	$(UNIT_LIBS)
UNIT_TESTS += tests/unit/test-session-names
tests_unit_test_session_names_SOURCES = tests/unit/test-session-names.c
tests_unit_test_session_names_LDADD = libsmew-session.a libsmew-imap.a \
	libsmew-base.a $(UNIT_LIBS)

UNIT_TESTS += tests/unit/test-session-plan
tests_unit_test_session_plan_SOURCES = tests/unit/test-session-plan.c
tests_unit_test_session_plan_LDADD = libsmew-session.a libsmew-base.a \
	$(UNIT_LIBS)

UNIT_TESTS += tests/unit/test-session-refusal
tests_unit_test_session_refusal_SOURCES = tests/unit/test-session-refusal.c
tests_unit_test_session_refusal_LDADD = libsmew-session.a libsmew-base.a \
	$(UNIT_LIBS)

UNIT_TESTS += tests/unit/test-session-ring
tests_unit_test_session_ring_SOURCES = tests/unit/test-session-ring.c
tests_unit_test_session_ring_LDADD = libsmew-session.a libsmew-base.a \
	$(UNIT_LIBS)

UNIT_TESTS += tests/unit/test-session-tap
tests_unit_test_session_tap_SOURCES = tests/unit/test-session-tap.c
tests_unit_test_session_tap_LDADD = libsmew-session.a libsmew-base.a \
	$(UNIT_LIBS)

SESSION_TEST_LIBS = libsmew-session.a libsmew-imap.a libsmew-send.a libsmew-net.a \
	libsmew-store.a libsmew-mail.a libsmew-query.a libsmew-base.a \
	$(GMIME_LIBS) $(PCRE2_LIBS) \
	$(LIBXML_LIBS) $(SQLITE_LIBS) $(OPENSSL_LIBS) $(GSASL_LIBS) \
	$(ZLIB_LIBS) $(UNIT_LIBS)
SESSION_TEST_CPPFLAGS = $(AM_CPPFLAGS) -DSOURCE_DIR=\"$(abs_top_srcdir)\"

UNIT_TESTS += tests/unit/test-session
tests_unit_test_session_SOURCES = tests/unit/test-session.c \
	tests/unit/session-fixture.c tests/unit/session-fixture.h
tests_unit_test_session_CPPFLAGS = $(SESSION_TEST_CPPFLAGS)
tests_unit_test_session_LDADD = $(SESSION_TEST_LIBS)

UNIT_TESTS += tests/unit/test-session-actions
tests_unit_test_session_actions_SOURCES = tests/unit/test-session-actions.c \
	tests/unit/session-fixture.c tests/unit/session-fixture.h
tests_unit_test_session_actions_CPPFLAGS = $(SESSION_TEST_CPPFLAGS)
tests_unit_test_session_actions_LDADD = $(SESSION_TEST_LIBS)

UNIT_TESTS += tests/unit/test-session-wire
tests_unit_test_session_wire_SOURCES = tests/unit/test-session-wire.c \
	tests/unit/session-fixture.c tests/unit/session-fixture.h
tests_unit_test_session_wire_CPPFLAGS = $(SESSION_TEST_CPPFLAGS)
tests_unit_test_session_wire_LDADD = $(SESSION_TEST_LIBS)
EXTRA_DIST += tests/unit/session-server.py
