# SPDX-License-Identifier: GPL-3.0-or-later
# An entry looks like this:
#   UNIT_TESTS += tests/unit/test-command
#   tests_unit_test_command_SOURCES = tests/unit/test-command.c
#   tests_unit_test_command_LDADD = libsmew-command.a libsmew-base.a $(UNIT_LIBS)
