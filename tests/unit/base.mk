# SPDX-License-Identifier: GPL-3.0-or-later
# An entry looks like this:
#   UNIT_TESTS += tests/unit/test-base
#   tests_unit_test_base_SOURCES = tests/unit/test-base.c
#   tests_unit_test_base_LDADD = libsmew-base.a libsmew-base.a $(UNIT_LIBS)
