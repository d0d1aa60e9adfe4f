# SPDX-License-Identifier: GPL-3.0-or-later
# One file a module: tests/unit/MODULE.mk adds its programs to UNIT_TESTS,
# tests/fuzz/NAME.mk its targets to FUZZ_TARGETS.
UNIT_TESTS =
FUZZ_TARGETS =
UNIT_LIBS = $(CMOCKA_LIBS) $(GLIB_LIBS)
TESTS = $(UNIT_TESTS)
EXTRA_PROGRAMS =

include tests/unit/base.mk
include tests/unit/query.mk
include tests/unit/imap.mk
include tests/unit/net.mk
include tests/unit/store.mk
include tests/unit/mail.mk
include tests/unit/session.mk
include tests/unit/command.mk
include tests/unit/ui.mk
include tests/fuzz/fuzz.mk

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
endif
if ENABLE_FUZZING
noinst_PROGRAMS = $(FUZZ_TARGETS)
endif
