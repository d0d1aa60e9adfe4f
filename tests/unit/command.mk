# SPDX-License-Identifier: GPL-3.0-or-later
COMMAND_TEST_CFLAGS = $(AM_CFLAGS) -DSOURCE_DIR=\"$(abs_top_srcdir)\"
COMMAND_TEST_LIBS = libsmew-command.a libsmew-mail.a libsmew-base.a \
	$(GMIME_LIBS) $(LIBXML_LIBS) $(UNIT_LIBS)
UNIT_TESTS += \
	tests/unit/test-command \
	tests/unit/test-command-account \
	tests/unit/test-command-format \
	tests/unit/test-command-keys \
	tests/unit/test-command-manual \
	tests/unit/test-command-names
tests_unit_test_command_SOURCES = tests/unit/test-command.c
tests_unit_test_command_CFLAGS = $(COMMAND_TEST_CFLAGS)
tests_unit_test_command_LDADD = $(COMMAND_TEST_LIBS)
tests_unit_test_command_account_SOURCES = tests/unit/test-command-account.c
tests_unit_test_command_account_CFLAGS = $(COMMAND_TEST_CFLAGS)
tests_unit_test_command_account_LDADD = $(COMMAND_TEST_LIBS)
tests_unit_test_command_format_SOURCES = tests/unit/test-command-format.c
tests_unit_test_command_format_CFLAGS = $(COMMAND_TEST_CFLAGS)
tests_unit_test_command_format_LDADD = $(COMMAND_TEST_LIBS)
tests_unit_test_command_keys_SOURCES = tests/unit/test-command-keys.c
tests_unit_test_command_keys_CFLAGS = $(COMMAND_TEST_CFLAGS)
tests_unit_test_command_keys_LDADD = $(COMMAND_TEST_LIBS)
tests_unit_test_command_manual_SOURCES = tests/unit/test-command-manual.c
tests_unit_test_command_manual_CFLAGS = $(COMMAND_TEST_CFLAGS)
tests_unit_test_command_manual_LDADD = $(COMMAND_TEST_LIBS)
tests_unit_test_command_names_SOURCES = tests/unit/test-command-names.c
tests_unit_test_command_names_CFLAGS = $(COMMAND_TEST_CFLAGS)
tests_unit_test_command_names_LDADD = $(COMMAND_TEST_LIBS)
EXTRA_DIST += tests/data/command
