/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine sends: arguments of any content stay one argument, what
 * cannot be sent is refused, and no secret reaches the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "test-imap-events.h"

/* ---- arguments ---- */

/*
 * Reads one command as a server does: literals {n+} are skipped, quoted
 * strings may hold no line end. Returns how many octets the command has.
 */
static size_t command_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t at = i, octets;
		const char *end_of_line = memchr(p + i, '\n', n - i);

		assert_non_null(end_of_line);
		i = (size_t)(end_of_line - p) + 1;
		assert_true(i >= 2 && p[i - 2] == '\r');
		if (i - at < 6 || strncmp(p + i - 4, "+}\r\n", 4) != 0)
			return i;
		for (at = i - 4; g_ascii_isdigit(p[at - 1]);)
			at--;
		octets = (size_t)g_ascii_strtoull(p + at, NULL, 10);
		i += octets;
	}
	fail_msg("a command without an end");
	return 0;
}

/* The string argument at the end of a command, as the server reads it. */
static char *read_argument(const char *p, size_t n)
{
	GString *out = g_string_new(NULL);
	const char *open = memchr(p, '{', n), *quote = memchr(p, '"', n);

	if (quote == NULL || (open != NULL && open < quote)) {
		size_t octets = (size_t)g_ascii_strtoull(open + 1, NULL, 10);
		const char *data = strstr(open, "\r\n") + 2;

		g_string_append_len(out, data, (gssize)octets);
		return g_string_free(out, FALSE);
	}
	for (quote++; *quote != '"'; quote++) {
		if (*quote == '\\')
			quote++;
		assert_true(*quote != '\r' && *quote != '\n');
		g_string_append_c(out, *quote);
	}
	return g_string_free(out, FALSE);
}

static void check_mailbox_argument(const char *name)
{
	const struct imap_select select = { .mailbox = name };
	struct events events;
	char *back;

	events_start(&events, NULL, "IMAP4rev1 LITERAL+");
	events_submit(&events, "select", imap_cmd_select(&select, NULL));
	assert_int_equal(
		command_length(events.sent->str, events.sent->len),
		events.sent->len);
	back = read_argument(events.sent->str, events.sent->len);
	assert_string_equal(back, name);
	g_free(back);
	events_end(&events, NULL);
}

/* Whatever octets a name has, it is one command with that one argument. */
static void test_arguments_random(void **state)
{
	static const char likely[] = "\"\\\r\n{}+ ()%*~&a1\x7f\x80\xff";
	GRand *random = g_rand_new_with_seed(3);

	(void)state;
	check_mailbox_argument("");
	check_mailbox_argument("x\r\ns1 LOGOUT\r\n");
	for (int i = 0; i < 3000; i++) {
		GString *name = g_string_new(NULL);

		for (int n = g_rand_int_range(random, 0, 12); n > 0; n--)
			g_string_append_c(name, likely[g_rand_int_range(
				random, 0, (int)sizeof(likely) - 1)]);
		check_mailbox_argument(name->str);
		g_string_free(name, TRUE);
	}
	g_rand_free(random);
}

/* Row 90 of the traps (trap 90): no large literal without being asked. */
static void test_literal_size(void **state)
{
	struct events events;
	char *name = g_strnfill(4097, 'x');
	const struct imap_select select = { .mailbox = name };
	char *line;

	(void)state;
	/* Above 4096 octets never unasked: LITERAL- forbids it. */
	events_start(&events, NULL, "IMAP4rev1 LITERAL-");
	events_submit(&events, "select", imap_cmd_select(&select, NULL));
	line = events_sent_line(&events);
	assert_string_equal(line, "$1 SELECT {4097}");
	g_free(line);
	events_end(&events, NULL);
	g_free(name);
}

static void expect_refused(struct imap_command *command, GError **error)
{
	assert_null(command);
	assert_non_null(*error);
	assert_true(g_error_matches(*error, IMAP_ERROR, IMAP_ERROR_ARGUMENT));
	g_clear_error(error);
}

static void test_sections(void **state)
{
	static const char *const bad[] = {
		"HEADER.FIELDS",	   "HEADER.FIELDS (A\r\nB)",
		"HEADER.FIELDS ()",	   "HEADER.FIELDS (A ])",
		"1.",			   ".1",
		"0",			   "1.0",
		"1..2",			   "MIME",
		"TEXT\r\ns1 LOGOUT",	   "text]",
		"HEADER.FIELDS (A) (B)",   "1 2",
	};
	static const char *const good[] = {
		"", "1", "1.2.3", "10.20", "HEADER", "1.TEXT", "2.MIME",
		"HEADER.FIELDS (Date X-A)", "1.HEADER.FIELDS.NOT (A)",
	};
	struct imap_set *set = imap_set_parse("1", -1, 1, NULL);
	GError *error = NULL;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct imap_section_request section = { .section = bad[i] };
		struct imap_fetch_request request = { .sections = &section,
						      .n_sections = 1 };

		expect_refused(imap_cmd_uid_fetch(set, &request, &error),
			       &error);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		struct imap_section_request section = { .section = good[i] };
		struct imap_fetch_request request = { .sections = &section,
						      .n_sections = 1 };
		struct imap_command *command =
			imap_cmd_uid_fetch(set, &request, &error);

		assert_non_null(command);
		imap_command_free(command);
	}
	imap_set_free(set);
}

static void test_refused(void **state)
{
	const char *bad_keyword[] = { "a\r\nb", NULL };
	const struct imap_store_request keyword = { .keywords = bad_keyword };
	const struct imap_store_request nothing = { .remove = true };
	const struct imap_fetch_request fetch = { 0 };
	const struct imap_fetch_request vanished = { .vanished = true };
	const struct imap_select resume = { .mailbox = "a", .qresync = true };
	const struct imap_select nowhere = { .condstore = true };
	struct imap_set *empty = imap_set_new(), *one = imap_set_new();
	struct imap_criteria *criteria = imap_criteria_new();
	GError *error = NULL;

	(void)state;
	imap_set_add(one, 1, 1);
	expect_refused(imap_cmd_uid_fetch(empty, &fetch, &error), &error);
	expect_refused(imap_cmd_uid_fetch(NULL, &fetch, &error), &error);
	expect_refused(imap_cmd_uid_fetch(one, &vanished, &error), &error);
	expect_refused(imap_cmd_fetch(one, &vanished, &error), &error);
	expect_refused(imap_cmd_uid_store(one, &keyword, &error), &error);
	expect_refused(imap_cmd_uid_store(one, &nothing, &error), &error);
	expect_refused(imap_cmd_select(&resume, &error), &error);
	expect_refused(imap_cmd_select(&nowhere, &error), &error);
	expect_refused(imap_cmd_status("a", 0, &error), &error);
	expect_refused(imap_cmd_list("", "*", IMAP_LIST_STATUS, 0, &error),
		       &error);
	expect_refused(imap_cmd_authenticate("PLAIN\r\nx", NULL, NULL, NULL,
					     &error),
		       &error);
	expect_refused(imap_cmd_authenticate("PLAIN", "a\r\nb", NULL, NULL,
					     &error),
		       &error);
	imap_criteria_key(criteria, "SUBJECT x\r\ns1 LOGOUT");
	expect_refused(imap_cmd_uid_search(criteria, 0, &error), &error);
	imap_criteria_free(criteria);
	imap_set_free(empty);
	imap_set_free(one);
}

static void test_criteria(void **state)
{
	struct imap_criteria *criteria = imap_criteria_new();
	struct imap_set *set = imap_set_parse("1:3,9", -1, 5, NULL);
	struct events events;
	char *line;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_open(&events, 3);
	imap_criteria_key(criteria, "OR");
	imap_criteria_open(criteria);
	imap_criteria_key(criteria, "UID");
	imap_criteria_set(criteria, set);
	imap_criteria_key(criteria, "UNSEEN");
	imap_criteria_close(criteria);
	imap_criteria_key(criteria, "LARGER");
	imap_criteria_number(criteria, 1000);
	imap_criteria_key(criteria, "FROM");
	imap_criteria_text(criteria, "a \"b\"");
	events_submit(&events, "search",
		      imap_cmd_uid_search(criteria, 0, NULL));
	line = events_sent_line(&events);
	assert_string_equal(line, "$2 UID SEARCH OR (UID 1:3,9 UNSEEN) LARGER "
				  "1000 FROM \"a \\\"b\\\"\"");
	g_free(line);
	imap_criteria_free(criteria);
	imap_set_free(set);
	events_end(&events, NULL);
}

/* ---- secrets ---- */

static char *no_answer(const char *challenge, void *user)
{
	(void)challenge;
	return g_strdup(user);
}

static void test_secrets(void **state)
{
	struct events events;

	(void)state;
	events_init(&events, NULL);
	assert_true(events_say(&events, "* OK [CAPABILITY IMAP4rev1] hi\r\n"));
	events_submit(&events, "login",
		      imap_cmd_login("anna", "hunter2\xc3\xa4", NULL));
	assert_true(events_say(&events, "+ go\r\n"));
	g_free(events_sent_line(&events));
	assert_true(events_say(&events, "$1 NO no\r\n"));
	g_string_truncate(events.sent, 0);
	events_submit(&events, "authenticate",
		      imap_cmd_authenticate("PLAIN", "aHVudGVyMg==", no_answer,
					    (void *)"aHVudGVyMg==", NULL));
	assert_true(events_say(&events, "+ c2VjcmV0\r\n+ c2VjcmV0\r\n"));
	assert_null(strstr(events.wire->str, "hunter2"));
	assert_null(strstr(events.wire->str, "aHVudGVyMg"));
	assert_null(strstr(events.wire->str, "c2VjcmV0"));
	assert_null(strstr(events.wire->str, "anna"));
	assert_non_null(strstr(events.wire->str, "LOGIN <redacted>"));
	assert_non_null(strstr(events.wire->str, "AUTHENTICATE PLAIN"));
	events_end(&events, NULL);
}

/* An answer that would be two lines cancels the exchange. */
static void test_answer_lines(void **state)
{
	struct events events;
	char *line;

	(void)state;
	events_init(&events, NULL);
	assert_true(events_say(&events, "* OK hi\r\n"));
	events_submit(&events, "authenticate",
		      imap_cmd_authenticate("X", NULL, no_answer,
					    (void *)"a\r\ns9 LOGOUT", NULL));
	g_free(events_sent_line(&events));
	assert_true(events_say(&events, "+ \r\n"));
	line = events_sent_line(&events);
	assert_string_equal(line, "*");
	g_free(line);
	events_end(&events, NULL);
}

static void test_wire(void **state)
{
	struct events events;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_open(&events, 3);
	g_string_truncate(events.wire, 0);
	assert_true(events_say(&events, "* 1 FETCH (BODY[1] {4}\r\nab\r\n "
					"BODY[2] {0}\r\n UID 5)\r\n"));
	assert_string_equal(events.wire->str,
			    "< * 1 FETCH (BODY[1] {4} BODY[2] {0} UID 5)\n");
	events_end(&events, NULL);
}

static void test_wire_is_cut(void **state)
{
	struct events events;
	g_autofree char *text = g_strnfill(5000, 'x');
	g_autofree char *line = g_strdup_printf("* OK %s\r\n", text);
	g_autofree char *fetch = g_strdup_printf(
		"* 1 FETCH (ENVELOPE (NIL \"%s\" NIL NIL NIL NIL NIL NIL NIL "
		"NIL) BODY[1] {2}\r\nab BODY[2] {2}\r\ncd)\r\n",
		text);

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_open(&events, 3);
	g_string_truncate(events.wire, 0);
	assert_true(events_say(&events, line));
	assert_int_equal(events.wire->len, strlen("< ") + 2000 + strlen("...\n"));
	assert_true(g_str_has_prefix(events.wire->str, "< * OK xxx"));
	assert_true(g_str_has_suffix(events.wire->str, "xxx...\n"));
	g_string_truncate(events.wire, 0);
	assert_true(events_say(&events, fetch));
	assert_true(g_str_has_suffix(events.wire->str, "xxx...\n"));
	assert_null(strstr(events.wire->str, "ab"));
	events_end(&events, NULL);
}

static void test_waiting(void **state)
{
	const struct imap_select select = { .mailbox = "INBOX" };
	struct events events;
	const char *name, *why;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	assert_int_equal(imap_waiting(events.imap, &name, &why), 0);
	events_submit(&events, "select",
		      imap_cmd_select(&select, NULL));
	assert_int_equal(imap_waiting(events.imap, &name, &why), 0);
	events_submit(&events, "list", imap_cmd_list("", "*", 0, 0, NULL));
	events_submit(&events, "noop", imap_cmd_noop());
	assert_int_equal(imap_waiting(events.imap, &name, &why), 2);
	assert_string_equal(name, "LIST");
	assert_string_equal(why, "SELECT");
	events_end(&events, NULL);
}

/* One flight, and then nothing beside SELECT. */
static void test_setup_rides_with_select(void **state)
{
	const struct imap_select select = { .mailbox = "INBOX" };
	struct events events;
	const char *name, *why;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_submit(&events, "id", imap_cmd_id(NULL, 0, NULL));
	events_submit(&events, "enable",
		      imap_cmd_enable(UINT64_C(1) << IMAP_CAP_QRESYNC));
	events_submit(&events, "select", imap_cmd_select(&select, NULL));
	assert_int_equal(imap_waiting(events.imap, &name, &why), 0);
	events_submit(&events, "noop", imap_cmd_noop());
	assert_int_equal(imap_waiting(events.imap, &name, &why), 1);
	assert_string_equal(why, "SELECT");
	events_end(&events, NULL);
	events_start(&events, NULL, "IMAP4rev1");
	events_submit(&events, "noop", imap_cmd_noop());
	events_submit(&events, "select", imap_cmd_select(&select, NULL));
	assert_int_equal(imap_waiting(events.imap, &name, &why), 1);
	assert_string_equal(why, "all answers");
	events_end(&events, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_random),
		cmocka_unit_test(test_literal_size),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_criteria),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_answer_lines),
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_wire_is_cut),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_setup_rides_with_select),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
