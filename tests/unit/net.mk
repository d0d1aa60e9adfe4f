# SPDX-License-Identifier: GPL-3.0-or-later
UNIT_TESTS += tests/unit/test-net
tests_unit_test_net_SOURCES = tests/unit/test-net.c
tests_unit_test_net_LDADD = libsmew-net.a libsmew-base.a $(UNIT_LIBS)
