/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a dialogue tells about its connection. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/session/tap.h"

static const struct tap_command *flying(const struct tap *tap, guint i)
{
	return &g_array_index(tap->flying, struct tap_command, i);
}

static void test_signing_in(void **state)
{
	struct tap tap;

	(void)state;
	tap_init(&tap);
	assert_int_equal(tap_client(&tap, "s1 AUTHENTICATE PLAIN <redacted>",
				    0),
			 TAP_SIGNING_IN);
	assert_string_equal(tap.signing, "PLAIN");
	tap_server(&tap, "s1 NO [AUTHENTICATIONFAILED] no", 1);
	assert_null(tap.mechanism);
	assert_int_equal(tap_client(&tap, "s2 AUTHENTICATE SCRAM-SHA-256", 2),
			 TAP_SIGNING_IN);
	tap_client(&tap, "<redacted>", 3);
	tap_server(&tap, "S2 ok", 4);
	assert_string_equal(tap.mechanism, "SCRAM-SHA-256");
	tap_release(&tap);
	tap_init(&tap);
	tap_client(&tap, "s3 LOGIN <redacted> <redacted>", 0);
	tap_server(&tap, "s3 OK in", 0);
	assert_string_equal(tap.mechanism, "LOGIN");
	tap_release(&tap);
}

static void test_selecting(void **state)
{
	struct tap tap;

	(void)state;
	tap_init(&tap);
	tap_client(&tap, "s1 SELECT \"IN \"BOX\" (QRESYNC (1 2))", 0);
	assert_null(tap.mailbox);
	assert_int_equal(tap_server(&tap, "s1 OK [READ-WRITE] done", 0),
			 TAP_SELECTED);
	assert_string_equal(tap.mailbox, "IN \"BOX");
	tap_client(&tap, "s2 EXAMINE \"Sent\"", 0);
	tap_client(&tap, "s3 NOOP", 0);
	assert_int_equal(tap_server(&tap, "s2 NO gone", 0), TAP_UNSELECTED);
	assert_null(tap.mailbox);
	assert_int_equal(tap_server(&tap, "s3 OK", 0), TAP_NOTHING);
	tap_client(&tap, "s4 SELECT {3+}", 0);
	assert_int_equal(tap_server(&tap, "s4 OK", 0), TAP_SELECTED);
	assert_string_equal(tap.mailbox, "{3+}");
	tap_client(&tap, "s5 UNSELECT", 0);
	assert_int_equal(tap_server(&tap, "s5 OK", 0), TAP_UNSELECTED);
	assert_null(tap.mailbox);
	tap_client(&tap, "s6 SELECT", 0);
	assert_int_equal(tap_server(&tap, "s6 OK", 0), TAP_NOTHING);
	tap_release(&tap);
}

static void test_in_flight(void **state)
{
	struct tap tap;

	(void)state;
	tap_init(&tap);
	assert_int_equal(tap.least, -1);
	tap_client(&tap, "s10 UID FETCH 1:500 (FLAGS)", 1000);
	tap_client(&tap, "s11 STATUS \"a\" (MESSAGES)", 1500);
	assert_int_equal(tap.flying->len, 2);
	assert_string_equal(flying(&tap, 0)->text, "UID FETCH 1:500 (FLAGS)");
	assert_int_equal(flying(&tap, 1)->since, 1500);
	tap_server(&tap, "s11 OK", 1800);
	assert_int_equal(tap.last, 300);
	tap_server(&tap, "s10 OK", 9000);
	assert_int_equal(tap.last, 8000);
	assert_int_equal(tap.least, 300);
	assert_int_equal(tap.flying->len, 0);
	/* How long an IDLE lasts says nothing about the server. */
	tap_client(&tap, "s12 IDLE", 9000);
	assert_int_equal(tap.flying->len, 1);
	tap_client(&tap, "DONE", 10000);
	tap_server(&tap, "s12 OK", 10001);
	assert_int_equal(tap.last, 8000);
	tap_release(&tap);
}

static void test_hostile_lines(void **state)
{
	static const char *const lines[] = {
		"", "s", "s ", "s1", "s1x OK", "S99999999999999999999999 OK",
		"* OK", "+ ", "s77 OK nobody asked", "s1 ", "s1  OK",
	};
	struct tap tap;

	(void)state;
	tap_init(&tap);
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		assert_int_equal(tap_server(&tap, lines[i], 0), TAP_NOTHING);
	for (guint i = 0; i < 1000; i++) {
		g_autofree char *line = g_strdup_printf("s%u SELECT \"x\"", i);

		tap_client(&tap, line, i);
	}
	assert_in_range(tap.flying->len, 1, 100);
	assert_int_equal(flying(&tap, tap.flying->len - 1)->tag, 999);
	tap_release(&tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signing_in),
		cmocka_unit_test(test_selecting),
		cmocka_unit_test(test_in_flight),
		cmocka_unit_test(test_hostile_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
