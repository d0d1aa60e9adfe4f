/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that others write. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../src/session/filewatch.h"

enum { LONG = 30 * 1000, SHORT = 300 }; /* milliseconds */

struct fixture {
	char *dir; /* owned */
	struct filewatch *watch;
	unsigned changes;
};

static void changed(void *user)
{
	((struct fixture *)user)->changes++;
}

static int setup(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);

	f->dir = g_dir_make_tmp("smew-filewatch-XXXXXX", NULL);
	f->watch = filewatch_new(f->dir, "journal.db", changed, f);
	*state = f;
	return f->dir == NULL || f->watch == NULL;
}

/* There is no descriptor for a watch. */
static int setup_without(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);
	struct rlimit limit, none;
	int next = dup(STDERR_FILENO);

	close(next);
	f->dir = g_dir_make_tmp("smew-filewatch-XXXXXX", NULL);
	if (f->dir == NULL || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	none = limit;
	none.rlim_cur = (rlim_t)next;
	if (setrlimit(RLIMIT_NOFILE, &none) < 0)
		return 1;
	f->watch = filewatch_new(f->dir, "journal.db", changed, f);
	*state = f;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 || f->watch == NULL;
}

static void put(const struct fixture *f, const char *name)
{
	g_autofree char *path = g_build_filename(f->dir, name, NULL);

	assert_true(g_file_set_contents_full(path, "x", 1,
					     G_FILE_SET_CONTENTS_NONE, 0600,
					     NULL));
}

static int teardown(void **state)
{
	static const char *const names[] = { "journal.db-wal", "other" };
	struct fixture *f = *state;

	filewatch_free(f->watch);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path =
			g_build_filename(f->dir, names[i], NULL);

		g_unlink(path);
	}
	g_rmdir(f->dir);
	g_free(f->dir);
	g_free(f);
	return 0;
}

static void late(void *user)
{
	*(bool *)user = true;
}

/* Until it was told of a change, or for 'ms'. */
static bool hears(struct fixture *f, unsigned ms)
{
	struct timer limit = { 0 };
	bool over = false;

	f->changes = 0;
	timer_start(&limit, ms, late, &over);
	while (f->changes == 0 && !over)
		g_main_context_iteration(NULL, TRUE);
	timer_stop(&limit);
	return f->changes > 0;
}

static void test_told(void **state)
{
	struct fixture *f = *state;

	put(f, "journal.db-wal");
	assert_true(hears(f, LONG));
	put(f, "journal.db-wal");
	assert_true(hears(f, LONG));
}

/* Writes that come together are told of once. */
static void test_together(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++)
		put(f, "journal.db-wal");
	assert_true(hears(f, LONG));
	assert_false(hears(f, SHORT));
}

static void test_others(void **state)
{
	struct fixture *f = *state;

	put(f, "other");
	assert_false(hears(f, SHORT));
}

static void test_no_place(void **state)
{
	(void)state;
	assert_null(filewatch_new("/nonexistent/smew", "x", changed, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_together, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_told, setup_without,
						teardown),
		cmocka_unit_test(test_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
