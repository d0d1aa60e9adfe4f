# SPDX-License-Identifier: GPL-3.0-or-later
# An entry looks like this:
#   UNIT_TESTS += tests/unit/test-store
#   tests_unit_test_store_SOURCES = tests/unit/test-store.c
#   tests_unit_test_store_LDADD = libsmew-store.a libsmew-base.a $(UNIT_LIBS)
