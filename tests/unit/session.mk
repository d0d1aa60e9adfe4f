# SPDX-License-Identifier: GPL-3.0-or-later
UNIT_TESTS += tests/unit/test-session-plan
tests_unit_test_session_plan_SOURCES = tests/unit/test-session-plan.c
tests_unit_test_session_plan_LDADD = libsmew-session.a libsmew-base.a \
	$(UNIT_LIBS)

UNIT_TESTS += tests/unit/test-session-refusal
tests_unit_test_session_refusal_SOURCES = tests/unit/test-session-refusal.c
tests_unit_test_session_refusal_LDADD = libsmew-session.a libsmew-base.a \
	$(UNIT_LIBS)

UNIT_TESTS += tests/unit/test-session
tests_unit_test_session_SOURCES = tests/unit/test-session.c \
	tests/unit/session-fixture.c tests/unit/session-fixture.h
tests_unit_test_session_CPPFLAGS = $(AM_CPPFLAGS) \
	-DSOURCE_DIR=\"$(abs_top_srcdir)\"
tests_unit_test_session_LDADD = libsmew-session.a libsmew-imap.a libsmew-net.a \
	libsmew-store.a libsmew-mail.a libsmew-base.a $(GMIME_LIBS) \
	$(LIBXML_LIBS) $(SQLITE_LIBS) $(OPENSSL_LIBS) $(GSASL_LIBS) \
	$(ZLIB_LIBS) $(UNIT_LIBS)
EXTRA_DIST += tests/unit/session-server.py
