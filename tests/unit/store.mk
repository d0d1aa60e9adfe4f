# SPDX-License-Identifier: GPL-3.0-or-later
STORE_TEST_COMMON = tests/unit/test-store-common.c \
	tests/unit/test-store-common.h
STORE_TEST_LIBS = libsmew-store.a libsmew-query.a libsmew-base.a \
	$(SQLITE_LIBS) $(PCRE2_LIBS) $(UNIT_LIBS)

UNIT_TESTS += \
	tests/unit/test-store \
	tests/unit/test-store-abroad \
	tests/unit/test-store-deeds \
	tests/unit/test-store-drafts \
	tests/unit/test-store-journal \
	tests/unit/test-store-labels \
	tests/unit/test-store-limit \
	tests/unit/test-store-order \
	tests/unit/test-store-picks \
	tests/unit/test-store-outbox \
	tests/unit/test-store-rename \
	tests/unit/test-store-stop \
	tests/unit/test-store-threads \
	tests/unit/test-store-view
tests_unit_test_store_SOURCES = tests/unit/test-store.c $(STORE_TEST_COMMON)
tests_unit_test_store_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_abroad_SOURCES = tests/unit/test-store-abroad.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_abroad_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_journal_SOURCES = tests/unit/test-store-journal.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_journal_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_deeds_SOURCES = tests/unit/test-store-deeds.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_deeds_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_drafts_SOURCES = tests/unit/test-store-drafts.c
tests_unit_test_store_drafts_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_rename_SOURCES = tests/unit/test-store-rename.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_rename_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_labels_SOURCES = tests/unit/test-store-labels.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_labels_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_limit_SOURCES = tests/unit/test-store-limit.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_limit_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_order_SOURCES = tests/unit/test-store-order.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_order_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_outbox_SOURCES = tests/unit/test-store-outbox.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_outbox_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_picks_SOURCES = tests/unit/test-store-picks.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_picks_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_stop_SOURCES = tests/unit/test-store-stop.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_stop_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_threads_SOURCES = tests/unit/test-store-threads.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_threads_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_view_SOURCES = tests/unit/test-store-view.c \
	$(STORE_TEST_COMMON)
tests_unit_test_store_view_LDADD = $(STORE_TEST_LIBS)
