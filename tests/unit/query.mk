# SPDX-License-Identifier: GPL-3.0-or-later
UNIT_TESTS += tests/unit/test-query
tests_unit_test_query_SOURCES = tests/unit/test-query.c
tests_unit_test_query_LDADD = libsmew-query.a libsmew-base.a $(PCRE2_LIBS) \
	$(UNIT_LIBS)
