/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session shows of its dialogue and of its connections. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "session-fixture.h"
#include "smew/mail.h"

#define ALL "IDLE ENABLE QRESYNC CONDSTORE UNSELECT ESEARCH LIST-EXTENDED" \
	    " SPECIAL-USE NAMESPACE ID"

/* The lines of a watch as text: "NUMBER MARK TEXT", a line each. Owned. */
static char *dialogue(const struct fixture *f, uint32_t watch)
{
	static const char marks[] = "<>*";
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < f->wire->len; i++) {
		const struct session_wire *post =
			g_ptr_array_index(f->wire, i);

		for (size_t k = 0; k < post->n && post->watch == watch; k++)
			g_string_append_printf(
				text, "%u %c %s\n", post->lines[k].connection,
				marks[post->lines[k].kind],
				post->lines[k].text);
	}
	return g_string_free(text, FALSE);
}

static bool has(const struct fixture *f, uint32_t watch, const char *pattern)
{
	g_autofree char *text = dialogue(f, watch);

	return g_regex_match_simple(pattern, text, G_REGEX_MULTILINE, 0);
}

static size_t lines_of(const struct fixture *f, uint32_t watch)
{
	g_autofree char *text = dialogue(f, watch);
	size_t n = 0;

	for (const char *p = text; *p != '\0'; p++)
		n += *p == '\n';
	return n;
}

static void start(struct fixture *f, const char *words, int rows)
{
	fixture_setup(f);
	fixture_mail(f, rows, 0);
	fixture_start(f, words);
	fixture_wait(f, f->phase == SESSION_ONLINE);
	fixture_wait_rows(f, "INBOX", rows);
}

static void test_the_past_and_what_follows(void **state)
{
	struct fixture f;
	uint32_t watch;
	int64_t before = 0;

	(void)state;
	start(&f, ALL, 30);
	assert_int_equal(f.wire->len, 0);
	watch = session_watch_wire(f.session, true);
	assert_int_not_equal(watch, 0);
	fixture_wait(&f, has(&f, watch, "^\\d+ < \\+ "));
	assert_true(has(&f, watch, "\\A(\\d+) \\* connecting through the "
				   "tunnel\n\\1 \\* connected\n"
				   "\\1 < \\* PREAUTH .*\n"
				   "\\1 \\* authenticated\n"));
	assert_true(has(&f, watch, "> s\\d+ SELECT \"INBOX\""));
	assert_true(has(&f, watch, "\\* selected INBOX$"));
	assert_true(has(&f, watch, "HEADER.FIELDS .* \\{\\d+\\}"));
	assert_false(has(&f, watch, "Anna Example"));
	fixture_control(&f, "new INBOX Fresh\n");
	fixture_wait(&f, has(&f, watch, "< \\* 31 EXISTS"));
	for (guint i = 0; i < f.wire->len; i++) {
		const struct session_wire *post = g_ptr_array_index(f.wire, i);

		assert_int_equal(post->missed, 0);
		assert_string_equal(post->account, "test");
		for (size_t k = 0; k < post->n; k++) {
			assert_true(post->lines[k].time >= before);
			before = post->lines[k].time;
		}
	}
	fixture_teardown(&f);
}

static void test_watching_ends_and_begins_anew(void **state)
{
	struct fixture f;
	uint32_t first, second;
	size_t n;

	(void)state;
	start(&f, ALL, 5);
	first = session_watch_wire(f.session, true);
	fixture_wait(&f, has(&f, first, "selected INBOX"));
	assert_int_equal(session_watch_wire(f.session, false), 0);
	fixture_done(&f, session_check(f.session));
	n = f.wire->len;
	fixture_done(&f, session_check(f.session));
	fixture_done(&f, session_open(f.session, "Lists"));
	fixture_done(&f, session_check(f.session));
	assert_int_equal(f.wire->len, n);
	second = session_watch_wire(f.session, true);
	assert_int_not_equal(first, second);
	fixture_wait(&f, has(&f, second, "selected Lists"));
	assert_true(has(&f, second, "selected INBOX"));
	assert_false(has(&f, first, "selected Lists"));
	fixture_teardown(&f);
}

static void test_a_lost_connection_is_told(void **state)
{
	struct fixture f;
	uint32_t watch;

	(void)state;
	start(&f, ALL, 5);
	watch = session_watch_wire(f.session, true);
	fixture_wait(&f, has(&f, watch, "selected INBOX"));
	fixture_control(&f, "drop\n");
	fixture_wait(&f, has(&f, watch, "^(\\d+) \\* lost: (?s:.*)"
					"^(?!\\1)\\d+ \\* connecting"));
	fixture_teardown(&f);
}

/* A UI that does not keep up: memory is bounded, and it is told. */
static void test_a_flood_is_bounded(void **state)
{
	struct fixture f;
	uint32_t watch;
	uint64_t missed = 0;
	guint n;

	(void)state;
	start(&f, ALL, 5);
	watch = session_watch_wire(f.session, true);
	fixture_wait(&f, has(&f, watch, "selected INBOX"));
	/* None of these posts is freed: from some point on none comes. */
	fixture_mail(&f, 12000, 0);
	fixture_control(&f, "drop\n");
	fixture_wait_rows(&f, "INBOX", 12000);
	n = f.wire->len;
	assert_in_range(n, 1, 8);
	g_ptr_array_set_size(f.wire, 0);
	fixture_wait(&f, f.wire->len > 0);
	missed = ((struct session_wire *)g_ptr_array_index(f.wire, 0))->missed;
	assert_true(missed > 1000);
	assert_true(lines_of(&f, watch) > 0);
	fixture_teardown(&f);
}

static const struct session_connections *ask(struct fixture *f)
{
	if (f->connections != NULL)
		post_free(&f->connections->post);
	f->connections = NULL;
	session_ask_connections(f->session);
	fixture_wait(f, f->connections != NULL);
	return f->connections;
}

static void test_connections(void **state)
{
	const struct session_connection *c;
	struct fixture f;

	(void)state;
	start(&f, ALL, 5);
	fixture_wait(&f, ask(&f)->n == 1 && f.connections->list[0].idle);
	assert_string_equal(f.connections->account, "test");
	assert_null(f.connections->learned[0]);
	c = &f.connections->list[0];
	assert_true(c->number > 0);
	assert_string_equal(c->state, "selected");
	assert_string_equal(c->mailbox, "INBOX");
	assert_int_equal(c->n_commands, 1);
	assert_string_equal(c->commands[0].text, "IDLE");
	assert_true(c->commands[0].age >= 0);
	assert_int_equal(c->waiting, 0);
	assert_true(c->octets_in > 1000);
	assert_true(c->octets_out > 50);
	assert_true(c->least_answer >= 0);
	assert_true(c->last_answer >= c->least_answer);
	assert_null(c->tls);
	assert_null(c->cipher);
	assert_true(c->tunnel);
	assert_string_equal(c->mechanism, "");
	assert_non_null(strstr(c->in_use, "IDLE QRESYNC CONDSTORE"));
	assert_non_null(strstr(c->in_use, "ESEARCH"));
	assert_null(strstr(c->in_use, "COMPRESS"));
	assert_non_null(strstr(c->offered, "UNSELECT"));
	assert_true(ABS(c->since - g_get_real_time()) <
		    (int64_t)3600 * G_USEC_PER_SEC);
	fixture_teardown(&f);
}

static void test_what_was_learned(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, ALL " fault=list-return", 5);
	fixture_wait(&f, ask(&f)->learned[0] != NULL);
	assert_non_null(strstr(f.connections->learned[0], "LIST"));
	assert_null(f.connections->learned[1]);
	fixture_refuse(&f, true);
	fixture_control(&f, "drop\n");
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	assert_int_equal(ask(&f)->n, 0);
	assert_non_null(f.connections->learned[0]);
	fixture_teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_past_and_what_follows),
		cmocka_unit_test(test_watching_ends_and_begins_anew),
		cmocka_unit_test(test_a_lost_connection_is_told),
		cmocka_unit_test(test_a_flood_is_bounded),
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_what_was_learned),
	};

	signal(SIGPIPE, SIG_IGN);
	mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
