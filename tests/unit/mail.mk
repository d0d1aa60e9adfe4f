# SPDX-License-Identifier: GPL-3.0-or-later
MAIL_TEST_LIBS = libsmew-mail.a libsmew-base.a $(GMIME_LIBS) $(LIBXML_LIBS) \
	$(UNIT_LIBS)
MAIL_TEST_CFLAGS = $(AM_CFLAGS) -DMAIL_DATA=\"$(abs_srcdir)/tests/data/mail\"

UNIT_TESTS += tests/unit/test-mail-mailcap
tests_unit_test_mail_mailcap_SOURCES = tests/unit/test-mail-mailcap.c
tests_unit_test_mail_mailcap_CFLAGS = $(MAIL_TEST_CFLAGS)
tests_unit_test_mail_mailcap_LDADD = $(MAIL_TEST_LIBS)

UNIT_TESTS += tests/unit/test-mail-render
tests_unit_test_mail_render_SOURCES = tests/unit/test-mail-render.c
tests_unit_test_mail_render_CFLAGS = $(MAIL_TEST_CFLAGS)
tests_unit_test_mail_render_LDADD = $(MAIL_TEST_LIBS)
EXTRA_DIST += tests/data/mail

UNIT_TESTS += tests/unit/test-mail-header
tests_unit_test_mail_header_SOURCES = tests/unit/test-mail-header.c
tests_unit_test_mail_header_LDADD = $(MAIL_TEST_LIBS)

UNIT_TESTS += tests/unit/test-mail-part
tests_unit_test_mail_part_SOURCES = tests/unit/test-mail-part.c
tests_unit_test_mail_part_CFLAGS = $(MAIL_TEST_CFLAGS)
tests_unit_test_mail_part_LDADD = $(MAIL_TEST_LIBS)

UNIT_TESTS += tests/unit/test-mail-compose
tests_unit_test_mail_compose_SOURCES = tests/unit/test-mail-compose.c
tests_unit_test_mail_compose_LDADD = $(MAIL_TEST_LIBS)
EXTRA_DIST += tests/unit/mail-compose-check.py

UNIT_TESTS += tests/unit/test-mail-reply
tests_unit_test_mail_reply_SOURCES = tests/unit/test-mail-reply.c
tests_unit_test_mail_reply_LDADD = $(MAIL_TEST_LIBS)

UNIT_TESTS += tests/unit/test-mail-list
tests_unit_test_mail_list_SOURCES = tests/unit/test-mail-list.c
tests_unit_test_mail_list_LDADD = $(MAIL_TEST_LIBS)
