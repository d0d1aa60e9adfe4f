# SPDX-License-Identifier: GPL-3.0-or-later
UNIT_TESTS += \
	tests/unit/test-base \
	tests/unit/test-base-catalogue \
	tests/unit/test-base-postbox \
	tests/unit/test-base-spawn \
	tests/unit/test-base-text
tests_unit_test_base_SOURCES = tests/unit/test-base.c
tests_unit_test_base_LDADD = libsmew-base.a $(UNIT_LIBS)
tests_unit_test_base_catalogue_SOURCES = tests/unit/test-base-catalogue.c
tests_unit_test_base_catalogue_LDADD = libsmew-base.a $(UNIT_LIBS)
tests_unit_test_base_postbox_SOURCES = tests/unit/test-base-postbox.c
tests_unit_test_base_postbox_LDADD = libsmew-base.a $(UNIT_LIBS)
tests_unit_test_base_spawn_SOURCES = tests/unit/test-base-spawn.c
tests_unit_test_base_spawn_LDADD = libsmew-base.a $(UNIT_LIBS)
tests_unit_test_base_text_SOURCES = tests/unit/test-base-text.c
tests_unit_test_base_text_LDADD = libsmew-base.a $(UNIT_LIBS)

# The layers, and calls that are not used (/usr/bin/python3).
TESTS += tests/check-includes tests/test-check-includes
EXTRA_DIST += tests/check-includes tests/test-check-includes
