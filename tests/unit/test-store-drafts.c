/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drafts on the disk: who holds them, and what a crash leaves. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "smew/drafts.h"

static int setup(void **state)
{
	g_autofree char *base = g_dir_make_tmp("smew-drafts-XXXXXX", NULL);

	*state = g_build_filename(base, "account", NULL);
	return 0;
}

static int teardown(void **state)
{
	g_autofree char *dir = *state;
	g_autofree char *drafts = g_build_filename(dir, "drafts", NULL);
	g_autofree char *base = g_path_get_dirname(dir);

	g_rmdir(drafts);
	g_rmdir(dir);
	/* A test that leaves a draft behind has failed. */
	return g_rmdir(base);
}

static void assert_read(const char *dir, const char *name, const char *text)
{
	g_autoptr(GBytes) bytes = drafts_read(dir, name, NULL);

	assert_non_null(bytes);
	assert_int_equal(g_bytes_get_size(bytes), strlen(text));
	assert_memory_equal(g_bytes_get_data(bytes, NULL), text, strlen(text));
}

static void test_life(void **state)
{
	int lock = -1;
	g_autofree char *dir = drafts_new(*state, &lock, NULL);
	g_autoptr(GPtrArray) left = NULL, held = drafts_left(*state);
	struct stat st;

	assert_non_null(dir);
	assert_int_equal(held->len, 0);
	assert_int_equal(drafts_lock(dir), -1);
	assert_true(drafts_write(dir, "draft", "one", 3, NULL));
	assert_read(dir, "draft", "one");
	assert_true(drafts_write(dir, "draft", "longer", 6, NULL));
	assert_read(dir, "draft", "longer");
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(drafts_time(dir, "draft") > 0);
	assert_int_equal(drafts_time(dir, "none"), 0);
	assert_null(drafts_read(dir, "none", NULL));
	close(lock);
	left = drafts_left(*state);
	assert_int_equal(left->len, 1);
	assert_string_equal(g_ptr_array_index(left, 0), dir);
	drafts_remove(dir);
	assert_int_not_equal(stat(dir, &st), 0);
}

/* A process that is killed lets go of what it held. */
static void test_killed(void **state)
{
	int pipes[2], lock = -1, status;
	g_autoptr(GPtrArray) before = NULL, after = NULL;
	char byte;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char *dir = drafts_new(*state, &lock, NULL);

		if (dir == NULL || !drafts_write(dir, "draft", "x", 1, NULL) ||
		    write(pipes[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	before = drafts_left(*state);
	assert_int_equal(before->len, 0);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	close(pipes[0]);
	close(pipes[1]);
	after = drafts_left(*state);
	assert_int_equal(after->len, 1);
	lock = drafts_lock(g_ptr_array_index(after, 0));
	assert_true(lock >= 0);
	assert_read(g_ptr_array_index(after, 0), "draft", "x");
	drafts_remove(g_ptr_array_index(after, 0));
	close(lock);
}

/* What was cut short is tidied up and offered to nobody. */
static void test_cut_short(void **state)
{
	int lock = -1, other = -1;
	g_autofree char *begun = drafts_new(*state, &lock, NULL);
	g_autofree char *going = drafts_new(*state, &other, NULL);
	g_autofree char *parent = g_path_get_dirname(going);
	g_autofree char *name = g_path_get_basename(going);
	g_autofree char *gone = g_strdup_printf("%s/.%s", parent, name);
	g_autoptr(GPtrArray) left = NULL;

	assert_true(drafts_write(going, "message.eml", "x", 1, NULL));
	assert_int_equal(g_rename(going, gone), 0);
	close(lock);
	close(other);
	left = drafts_left(*state);
	assert_int_equal(left->len, 0);
	drafts_remove(begun);
	assert_false(g_file_test(gone, G_FILE_TEST_EXISTS));
}

static void test_failures(void **state)
{
	GError *error = NULL;
	int lock = -1;

	(void)state;
	assert_false(drafts_write("/nonexistent", "draft", "x", 1, &error));
	assert_non_null(error);
	g_clear_error(&error);
	assert_null(drafts_new("/proc/nothing", &lock, &error));
	assert_non_null(error);
	g_clear_error(&error);
}

/* The pipe says whether somebody edits it, also to who comes later. */
static void test_watch(void **state)
{
	int lock = -1, watch, later, editor;
	g_autofree char *dir = drafts_new(*state, &lock, NULL);
	g_autofree char *path = g_build_filename(dir, DRAFTS_PIPE, NULL);
	char c;

	assert_int_equal(drafts_watch(dir), -1);
	watch = drafts_watch_new(dir, NULL);
	assert_true(watch >= 0);
	close(watch);
	editor = open(path, O_RDWR | O_CLOEXEC);
	assert_true(editor >= 0);
	later = drafts_watch(dir);
	assert_true(later >= 0);
	assert_int_equal(write(editor, "x", 1), 1);
	assert_int_equal(read(later, &c, 1), 1);
	assert_int_equal(read(later, &c, 1), -1);
	close(editor);
	assert_int_equal(read(later, &c, 1), 0);
	close(later);
	assert_int_equal(drafts_watch(dir), -1);
	close(lock);
	drafts_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_short, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watch, setup, teardown),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
