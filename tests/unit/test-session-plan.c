/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pure parts of the session: what to fetch, when to try again. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "../../src/session/limits.h"
#include "../../src/session/pace.h"
#include "../../src/session/plan.h"
#include "../../src/session/retry.h"

static GArray *uids(size_t n, const uint32_t *list)
{
	GArray *array = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	g_array_append_vals(array, list, (guint)n);
	return array;
}

#define UIDS(...)                                                      \
	uids(sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t),   \
	     (uint32_t[]){ __VA_ARGS__ })

static void assert_portion(struct plan *plan, size_t count, const char *set)
{
	struct portion *portion = plan_take(plan, count);

	assert_non_null(portion);
	assert_string_equal(portion->set, set);
	portion_free(portion);
}

static void test_nothing_lacking(void **state)
{
	g_autoptr(GArray) server = UIDS(1, 5, 9);

	(void)state;
	assert_null(plan_new(server, server));
}

static void test_newest_first(void **state)
{
	g_autoptr(GArray) server = UIDS(1, 5, 9, 12, 13, 20);
	g_autoptr(GArray) cache = UIDS(9);
	struct plan *plan = plan_new(server, cache);

	(void)state;
	assert_int_equal(plan_left(plan), 5);
	assert_portion(plan, 2, "13:20");
	assert_portion(plan, 2, "5,12");
	assert_portion(plan, 2, "1");
	assert_null(plan_take(plan, 2));
	plan_free(plan);
}

/* A range may span what nobody has, never what the cache has. */
static void test_ranges_never_span_cached(void **state)
{
	g_autoptr(GArray) server = UIDS(10, 20, 30, 40, 50);
	g_autoptr(GArray) cache = UIDS(30, 45);
	struct plan *plan = plan_new(server, cache);

	(void)state;
	assert_portion(plan, 10, "10:20,40,50");
	plan_free(plan);
}

static void assert_oldest(struct plan *plan, size_t count, const char *set)
{
	struct portion *portion = plan_take_oldest(plan, count);

	assert_string_equal(portion->set, set);
	portion_free(portion);
}

static void test_oldest_between(void **state)
{
	g_autoptr(GArray) server = UIDS(1, 2, 3, 10, 20, 30, 40);
	g_autoptr(GArray) cache = UIDS(10);
	struct plan *plan = plan_new(server, cache);

	(void)state;
	assert_portion(plan, 1, "40");
	assert_oldest(plan, 2, "1:2");
	assert_oldest(plan, 2, "3,20");
	assert_portion(plan, 10, "30");
	assert_int_equal(plan_left(plan), 0);
	assert_null(plan_take_oldest(plan, 1));
	plan_free(plan);
}

static void test_split(void **state)
{
	g_autoptr(GArray) server = UIDS(1, 2, 3);
	g_autoptr(GArray) cache = uids(0, NULL);
	struct plan *plan = plan_new(server, cache);
	struct portion *all = plan_take(plan, 10), *newer, *older, *a, *b;

	(void)state;
	assert_true(portion_split(all, &newer, &older));
	assert_string_equal(newer->set, "2:3");
	assert_string_equal(older->set, "1");
	assert_true(portion_split(newer, &a, &b));
	assert_string_equal(a->set, "3");
	assert_false(portion_split(older, &newer, &older));
	portion_free(a);
	portion_free(b);
	portion_free(newer);
	portion_free(older);
	portion_free(all);
	plan_free(plan);
}

static void test_gone(void **state)
{
	g_autoptr(GArray) server = UIDS(2, 3, 7);
	g_autoptr(GArray) cache = UIDS(1, 2, 4, 7, 9);
	g_autoptr(GArray) gone = plan_gone(server, cache);

	(void)state;
	assert_int_equal(gone->len, 3);
	assert_int_equal(g_array_index(gone, uint32_t, 0), 1);
	assert_int_equal(g_array_index(gone, uint32_t, 1), 4);
	assert_int_equal(g_array_index(gone, uint32_t, 2), 9);
}

static void test_a_line_stays_short(void **state)
{
	GArray *server = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	GArray *cache = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	struct plan *plan;
	size_t rows = 0;

	(void)state;
	for (uint32_t uid = 4000000001; uid < 4000004001; uid++) {
		g_array_append_val(server, uid);
		if (uid % 2 == 0)
			g_array_append_val(cache, uid);
	}
	plan = plan_new(server, cache);
	while (plan_left(plan) > 0) {
		struct portion *portion = plan_take(plan, 100000);

		assert_true(strlen(portion->set) < 8000);
		rows += portion->count;
		portion_free(portion);
	}
	assert_int_equal(rows, 2000);
	plan_free(plan);
	g_array_unref(server);
	g_array_unref(cache);
}

static void test_retry_doubles_to_its_limit(void **state)
{
	struct retry retry = { 0 };
	unsigned expected = LIMIT_RETRY_FIRST;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(retry_delay(&retry, 1000, 0.5),
				 expected * 1000);
		expected = MIN(expected * 2, LIMIT_RETRY_LAST);
	}
	assert_int_equal(retry_delay(&retry, 1000, 0),
			 LIMIT_RETRY_LAST * 750);
	assert_in_range(retry_delay(&retry, 1000, 0.999),
			LIMIT_RETRY_LAST * 1240, LIMIT_RETRY_LAST * 1250);
}

/* A server that lets in and throws out at once is not asked every second. */
static void test_retry_calms_down_only_after_a_while(void **state)
{
	struct retry retry = { 0 };
	const int64_t second = G_USEC_PER_SEC;

	(void)state;
	for (int i = 0; i < 3; i++)
		retry_delay(&retry, 0, 0.5);
	retry_succeeded(&retry, 10 * second);
	assert_int_equal(retry_delay(&retry, 11 * second, 0.5), 8000);
	retry_succeeded(&retry, 20 * second);
	assert_int_equal(
		retry_delay(&retry, (20 + LIMIT_RETRY_CALM) * second, 0.5),
		LIMIT_RETRY_FIRST * 1000);
}

/* ---- the size of portions ---- */

/*
 * A server that thinks 'command' us about a command and 'row' us about each of
 * its rows, and gives them as it has them or all in the end. Returns the size
 * that portions come to.
 */
static unsigned settles(struct pace *pace, int64_t command, int64_t row,
			bool at_the_end)
{
	int64_t now = 1000000;

	pace_begin(pace);
	for (unsigned i = 0; i < 30; i++) {
		unsigned n = pace_next(pace, false, now);

		now += command + (at_the_end ? row * n : 0);
		for (unsigned j = 0; j < n; j++) {
			now += at_the_end ? 0 : row;
			pace_row(pace, now);
		}
		pace_end(pace);
	}
	return pace->chunk;
}

static void test_portions_follow_the_line(void **state)
{
	struct pace quick = { 0 }, slow = { 0 }, slower = { 0 };

	(void)state;
	assert_int_equal(settles(&quick, 0, 20, false), LIMIT_CHUNK_MOST);
	/* One row more than the gaps between them. */
	assert_in_range(settles(&slow, 0, 3000, false), 100, 102);
	assert_int_equal(settles(&slower, 0, 100 * 1000, false),
			 LIMIT_CHUNK_LEAST);
	/* The line has become a better one. */
	assert_int_equal(settles(&slower, 0, 20, false), LIMIT_CHUNK_MOST);
}

/* Where each command takes long, small ones would take longer in all. */
static void test_portions_of_a_server_that_thinks(void **state)
{
	struct pace thinks = { 0 }, at_the_end = { 0 }, both = { 0 };

	(void)state;
	assert_int_equal(settles(&thinks, 900 * 1000, 20, false),
			 LIMIT_CHUNK_MOST);
	assert_in_range(settles(&at_the_end, 0, 4000, true), 490, 510);
	assert_int_equal(settles(&both, 5000 * 1000, 50 * 1000, true),
			 LIMIT_CHUNK_FIRST);
}

/* What the reader did meanwhile is no fault of the line. */
static void test_portions_after_a_pause(void **state)
{
	struct pace pace = { 0 };
	unsigned before = settles(&pace, 0, 3000, false);

	(void)state;
	assert_int_equal(pace_next(&pace, true, INT64_C(1) << 40), before);
	assert_int_equal(pace_next(&pace, false, INT64_C(1) << 41), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_lacking),
		cmocka_unit_test(test_newest_first),
		cmocka_unit_test(test_ranges_never_span_cached),
		cmocka_unit_test(test_oldest_between),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_a_line_stays_short),
		cmocka_unit_test(test_portions_follow_the_line),
		cmocka_unit_test(test_portions_of_a_server_that_thinks),
		cmocka_unit_test(test_portions_after_a_pause),
		cmocka_unit_test(test_retry_doubles_to_its_limit),
		cmocka_unit_test(test_retry_calms_down_only_after_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
