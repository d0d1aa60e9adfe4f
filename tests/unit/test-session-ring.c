/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring of the last lines, held against a plain list. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/session/ring.h"

static void add(struct ring *ring, uint32_t connection, const char *text)
{
	const struct ring_line line = {
		.time = 1000 + connection,
		.connection = connection,
		.kind = (uint8_t)(connection % 3),
		.text = text,
	};

	ring_add(ring, &line);
}

static const char *text_of(const struct ring *ring, uint64_t number)
{
	struct ring_line line;

	assert_true(ring_get(ring, number, &line));
	return line.text;
}

static void test_empty(void **state)
{
	struct ring *ring = ring_new(4, 100, 20);
	struct ring_line line;

	(void)state;
	assert_int_equal(ring_begin(ring), 0);
	assert_int_equal(ring_end(ring), 0);
	assert_false(ring_get(ring, 0, &line));
	ring_free(ring);
	ring_free(NULL);
}

static void test_oldest_goes(void **state)
{
	struct ring *ring = ring_new(3, 1000, 20);
	struct ring_line line;

	(void)state;
	add(ring, 1, "one");
	add(ring, 2, "");
	add(ring, 3, "three");
	add(ring, 4, "four");
	assert_int_equal(ring_begin(ring), 1);
	assert_int_equal(ring_end(ring), 4);
	assert_false(ring_get(ring, 0, &line));
	assert_false(ring_get(ring, 4, &line));
	assert_false(ring_get(ring, UINT64_MAX, &line));
	assert_string_equal(text_of(ring, 1), "");
	assert_true(ring_get(ring, 3, &line));
	assert_string_equal(line.text, "four");
	assert_int_equal(line.time, 1004);
	assert_int_equal(line.connection, 4);
	assert_int_equal(line.kind, 1);
	ring_free(ring);
}

static void test_long_lines_are_cut(void **state)
{
	struct ring *ring = ring_new(8, 1000, 10);

	(void)state;
	add(ring, 1, "0123456789");
	add(ring, 2, "0123456789a");
	/* The tenth octet is the first half of a character. */
	add(ring, 3, "012345678\xc3\xa4xyz");
	/* What is no UTF-8 at all is cut too. */
	add(ring, 4, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80");
	assert_string_equal(text_of(ring, 0), "0123456789");
	assert_string_equal(text_of(ring, 1), "0123456789...");
	assert_string_equal(text_of(ring, 2), "012345678...");
	assert_string_equal(text_of(ring, 3), "...");
	ring_free(ring);
}

/* The lines it must have, and no octet of any of them lost to another. */
static void check(const struct ring *ring, const GPtrArray *all)
{
	assert_int_equal(ring_end(ring), all->len);
	for (uint64_t n = ring_begin(ring); n < ring_end(ring); n++)
		assert_string_equal(text_of(ring, n),
				    g_ptr_array_index(all, n));
}

static void test_random(void **state)
{
	GRand *random = g_rand_new_with_seed(20261121);
	uint64_t least = UINT64_MAX;

	(void)state;
	for (int round = 0; round < 40; round++) {
		uint32_t lines = (uint32_t)g_rand_int_range(random, 1, 40);
		uint32_t octets = (uint32_t)g_rand_int_range(random, 60, 600);
		struct ring *ring = ring_new(lines, octets, 50);
		g_autoptr(GPtrArray) all =
			g_ptr_array_new_with_free_func(g_free);

		for (uint32_t i = 0; i < 400; i++) {
			char *text = g_strnfill(
				(gsize)g_rand_int_range(random, 0, 51),
				(gchar)g_rand_int_range(random, 'a', 'z'));

			g_ptr_array_add(all, text);
			add(ring, i, text);
			check(ring, all);
			assert_true(ring_end(ring) - ring_begin(ring) <= lines);
			assert_true(ring_end(ring) > ring_begin(ring));
		}
		/* Full, it holds what there is room for. */
		if (lines == 39)
			least = MIN(least, ring_end(ring) - ring_begin(ring));
		ring_free(ring);
	}
	assert_true(least > 1);
	g_rand_free(random);
}

static void test_room_is_used(void **state)
{
	struct ring *ring = ring_new(1000, 1000, 50);

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		add(ring, i, "123456789");
	assert_int_equal(ring_end(ring) - ring_begin(ring), 100);
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_oldest_goes),
		cmocka_unit_test(test_long_lines_are_cut),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_room_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
