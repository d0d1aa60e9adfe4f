# SPDX-License-Identifier: GPL-3.0-or-later
# An entry looks like this:
#   UNIT_TESTS += tests/unit/test-mail
#   tests_unit_test_mail_SOURCES = tests/unit/test-mail.c
#   tests_unit_test_mail_LDADD = libsmew-mail.a libsmew-base.a $(UNIT_LIBS)
