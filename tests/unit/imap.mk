# SPDX-License-Identifier: GPL-3.0-or-later
UNIT_TESTS += \
	tests/unit/test-imap \
	tests/unit/test-imap-commands \
	tests/unit/test-imap-transcripts
tests_unit_test_imap_SOURCES = tests/unit/test-imap.c \
	tests/unit/test-imap-events.c tests/unit/test-imap-events.h
tests_unit_test_imap_LDADD = libsmew-imap.a libsmew-base.a $(UNIT_LIBS)
tests_unit_test_imap_commands_SOURCES = tests/unit/test-imap-commands.c \
	tests/unit/test-imap-events.c tests/unit/test-imap-events.h
tests_unit_test_imap_commands_LDADD = libsmew-imap.a libsmew-base.a \
	$(UNIT_LIBS)
tests_unit_test_imap_transcripts_SOURCES = \
	tests/unit/test-imap-transcripts.c \
	tests/unit/test-imap-events.c tests/unit/test-imap-events.h
tests_unit_test_imap_transcripts_CPPFLAGS = $(AM_CPPFLAGS) \
	-DIMAP_DATA=\"$(abs_top_srcdir)/tests/data/imap\"
tests_unit_test_imap_transcripts_LDADD = libsmew-imap.a libsmew-base.a \
	$(UNIT_LIBS)
EXTRA_DIST += tests/data/imap
