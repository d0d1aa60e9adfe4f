# SPDX-License-Identifier: GPL-3.0-or-later

FUZZ_TARGETS += tests/fuzz/fuzz-sanitise
tests_fuzz_fuzz_sanitise_SOURCES = tests/fuzz/fuzz-sanitise.c
tests_fuzz_fuzz_sanitise_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_sanitise_LDADD = libsmew-base.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/sanitise
