# SPDX-License-Identifier: GPL-3.0-or-later

FUZZ_TARGETS += tests/fuzz/fuzz-sanitise
tests_fuzz_fuzz_sanitise_SOURCES = tests/fuzz/fuzz-sanitise.c
tests_fuzz_fuzz_sanitise_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_sanitise_LDADD = libsmew-base.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/sanitise

FUZZ_TARGETS += tests/fuzz/fuzz-mail
tests_fuzz_fuzz_mail_SOURCES = tests/fuzz/fuzz-mail.c
tests_fuzz_fuzz_mail_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_mail_LDADD = libsmew-mail.a libsmew-base.a $(GMIME_LIBS) \
	$(LIBXML_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/mail

FUZZ_TARGETS += tests/fuzz/fuzz-mail-part
tests_fuzz_fuzz_mail_part_SOURCES = tests/fuzz/fuzz-mail-part.c
tests_fuzz_fuzz_mail_part_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_mail_part_LDADD = libsmew-mail.a libsmew-base.a \
	$(GMIME_LIBS) $(LIBXML_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/mail-part

FUZZ_TARGETS += tests/fuzz/fuzz-config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_config_LDADD = libsmew-command.a libsmew-mail.a \
	libsmew-base.a $(GMIME_LIBS) $(LIBXML_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/config

FUZZ_TARGETS += tests/fuzz/fuzz-imap tests/fuzz/fuzz-utf7
tests_fuzz_fuzz_imap_SOURCES = tests/fuzz/fuzz-imap.c
tests_fuzz_fuzz_imap_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_imap_LDADD = libsmew-imap.a libsmew-base.a $(GLIB_LIBS)
tests_fuzz_fuzz_utf7_SOURCES = tests/fuzz/fuzz-utf7.c
tests_fuzz_fuzz_utf7_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_utf7_LDADD = libsmew-imap.a libsmew-base.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/imap tests/fuzz/corpus/utf7

FUZZ_TARGETS += tests/fuzz/fuzz-query
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz-query.c
tests_fuzz_fuzz_query_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_query_LDADD = libsmew-query.a libsmew-base.a $(PCRE2_LIBS) \
	$(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/query
