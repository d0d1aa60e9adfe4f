# SPDX-License-Identifier: GPL-3.0-or-later
# An entry looks like this:
#   UNIT_TESTS += tests/unit/test-ui
#   tests_unit_test_ui_SOURCES = tests/unit/test-ui.c
#   tests_unit_test_ui_LDADD = libsmew-ui.a libsmew-base.a $(UNIT_LIBS)
