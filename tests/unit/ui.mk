# SPDX-License-Identifier: GPL-3.0-or-later
UI_TEST_LIBS = libsmew-ui.a libsmew-command.a libsmew-store.a \
	libsmew-query.a libsmew-mail.a libsmew-base.a \
	$(GMIME_LIBS) $(LIBXML_LIBS) $(NCURSES_LIBS) $(SQLITE_LIBS) $(PCRE2_LIBS) $(UNIT_LIBS)

UNIT_TESTS += \
	tests/unit/test-ui \
	tests/unit/test-ui-anchor \
	tests/unit/test-ui-folders \
	tests/unit/test-ui-text
tests_unit_test_ui_SOURCES = tests/unit/test-ui.c
tests_unit_test_ui_LDADD = $(UI_TEST_LIBS)
tests_unit_test_ui_anchor_SOURCES = tests/unit/test-ui-anchor.c
tests_unit_test_ui_anchor_LDADD = $(UI_TEST_LIBS)
tests_unit_test_ui_text_SOURCES = tests/unit/test-ui-text.c
tests_unit_test_ui_text_LDADD = $(UI_TEST_LIBS)
tests_unit_test_ui_folders_SOURCES = tests/unit/test-ui-folders.c
tests_unit_test_ui_folders_LDADD = $(UI_TEST_LIBS)
