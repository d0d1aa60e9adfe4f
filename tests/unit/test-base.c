/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log, paths and secrets. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "smew/base.h"

/* A fresh directory for each test, and a umask that would spoil modes. */
struct place {
	char *dir; /* owned */
	mode_t umask;
};

static int place_setup(void **state)
{
	struct place *place = g_new0(struct place, 1);

	place->dir = g_dir_make_tmp("smew-base-XXXXXX", NULL);
	assert_non_null(place->dir);
	place->umask = umask(0022);
	*state = place;
	return 0;
}

static int place_teardown(void **state)
{
	struct place *place = *state;
	const char *argv[] = {"rm", "-rf", place->dir, NULL};
	struct child child;

	umask(place->umask);
	assert_true(spawn_start(argv, 0, &child, NULL));
	assert_int_equal(spawn_reap(child.pid), 0);
	g_free(place->dir);
	g_free(place);
	return 0;
}

static char *below(const struct place *place, const char *name)
{
	return g_build_filename(place->dir, name, NULL);
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode & 07777;
}

static void expect_error(GError *error, int code)
{
	assert_non_null(error);
	assert_true(g_error_matches(error, BASE_ERROR, code));
	g_error_free(error);
}

/* ---- log ---- */

static char *read_whole(const char *path)
{
	char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static void log_is_private_and_escaped(void **state)
{
	g_autofree char *path = below(*state, "log");
	g_autofree char *text = NULL;

	umask(0);
	assert_false(log_wants(LOG_FAULT));
	log_line(LOG_FAULT, "test", "before it is open");
	assert_true(log_open(path, LOG_STATE, NULL));
	assert_int_equal(mode_of(path), 0600);
	assert_true(log_wants(LOG_STATE));
	assert_false(log_wants(LOG_WIRE));
	assert_false(log_wants(LOG_OFF));
	errno = EXDEV;
	log_line(LOG_STATE, "test", "a%sb", "\x1b[m\r\n\t\xff\u202e\u00fc%n");
	assert_int_equal(errno, EXDEV);
	log_line(LOG_WIRE, "test", "too detailed");
	log_close();
	log_line(LOG_FAULT, "test", "after it was closed");
	text = read_whole(path);
	assert_non_null(strstr(
		text, " test: a\\x1b[m\\r\\n\\t\\xff\\u{202e}\u00fc%nb\n"));
	assert_null(strstr(text, "detailed"));
	assert_null(strstr(text, "before"));
	assert_null(strstr(text, "after"));
	assert_null(strchr(text, '\x1b'));
}

static void log_cuts_endless_lines(void **state)
{
	g_autofree char *path = below(*state, "log");
	g_autofree char *line = g_strnfill(1 << 20, 'x');
	g_autofree char *text = NULL;

	assert_true(log_open(path, LOG_MAX, NULL));
	log_line(LOG_WIRE, "test", "%s", line);
	log_close();
	text = read_whole(path);
	assert_true(strlen(text) < 20000);
	assert_true(g_str_has_suffix(text, "[...]\n"));
}

static void *log_many(void *data)
{
	pthread_setname_np(pthread_self(), data);
	for (int i = 0; i < 500; i++)
		log_line(LOG_STATE, "test", "%s", "line");
	return NULL;
}

static void log_lines_of_threads_stay_whole(void **state)
{
	g_autofree char *path = below(*state, "log");
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	char names[4][8] = {"one", "two", "three", "four"};
	pthread_t threads[4];
	int count = 0;

	assert_true(log_open(path, LOG_STATE, NULL));
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, log_many, names[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	log_close();
	text = read_whole(path);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++)
		count += g_str_has_suffix(*line, " test: line");
	assert_int_equal(count, 2000);
	assert_non_null(strstr(text, " three test: line\n"));
}

static void log_refuses_what_is_not_ours(void **state)
{
	g_autofree char *target = below(*state, "target");
	g_autofree char *link = below(*state, "link");
	GError *error = NULL;

	assert_true(g_file_set_contents(target, "x", 1, NULL));
	assert_int_equal(symlink(target, link), 0);
	assert_false(log_open(link, LOG_STATE, &error));
	expect_error(error, BASE_ERROR_FAILED);
	assert_false(log_wants(LOG_FAULT));
}

/* ---- paths ---- */

static void expect_path(char *path, const char *wanted)
{
	assert_string_equal(path, wanted);
	g_free(path);
}

static void paths_follow_xdg(void **state)
{
	g_autofree char *home_config =
		g_strconcat(g_get_home_dir(), "/.config/smew/smewrc", NULL);
	g_autofree char *home_state =
		g_strconcat(g_get_home_dir(), "/.local/state/smew/a", NULL);

	(void)state;
	g_setenv("XDG_CONFIG_HOME", "/c", TRUE);
	g_setenv("XDG_CACHE_HOME", "/k", TRUE);
	g_setenv("XDG_STATE_HOME", "relative", TRUE);
	expect_path(path_user_config(), "/c/smew/smewrc");
	expect_path(path_cache_dir("work-1_A"), "/k/smew/work-1_A");
	expect_path(path_state_dir("a"), home_state);
	g_setenv("XDG_CONFIG_HOME", "", TRUE);
	expect_path(path_user_config(), home_config);
	g_unsetenv("XDG_CONFIG_HOME");
	expect_path(path_user_config(), home_config);
}

static void account_names_cannot_lead_elsewhere(void **state)
{
	(void)state;
	g_setenv("XDG_CACHE_HOME", "/k", TRUE);
	expect_path(path_cache_dir(".."), "/k/smew/%2E%2E");
	expect_path(path_cache_dir("a/b"), "/k/smew/a%2Fb");
	expect_path(path_cache_dir(""), "/k/smew/%");
}

static void tilde_is_expanded(void **state)
{
	g_autofree char *file = g_strconcat(g_get_home_dir(), "/x~", NULL);

	(void)state;
	expect_path(path_expand("~"), g_get_home_dir());
	expect_path(path_expand("~/x~"), file);
	expect_path(path_expand("~root/x"), "/root/x");
	expect_path(path_expand("~no such user/x"), "~no such user/x");
	expect_path(path_expand("/a/~"), "/a/~");
	expect_path(path_expand(""), "");
}

static void directories_are_private_whatever_the_umask(void **state)
{
	static const mode_t masks[] = {0, 0022, 0777};

	for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
		g_autofree char *name = g_strdup_printf("d%zu", i);
		g_autofree char *top = below(*state, name);
		g_autofree char *dir = g_strconcat(top, "//a/b/", NULL);

		umask(masks[i]);
		assert_true(path_make_private(dir, NULL));
		assert_true(path_make_private(dir, NULL));
		umask(0022);
		assert_int_equal(mode_of(top), 0700);
		assert_int_equal(mode_of(dir), 0700);
	}
}

static void own_directory_is_tightened(void **state)
{
	g_autofree char *dir = below(*state, "d");

	assert_int_equal(mkdir(dir, 0755), 0);
	assert_true(path_make_private(dir, NULL));
	assert_int_equal(mode_of(dir), 0700);
}

static void refuse_dir(const char *dir, int code)
{
	GError *error = NULL;

	assert_false(path_make_private(dir, &error));
	expect_error(error, code);
}

static void unsafe_directories_are_refused(void **state)
{
	g_autofree char *open = below(*state, "open");
	g_autofree char *inside = below(*state, "open/d");
	g_autofree char *link = below(*state, "link");
	g_autofree char *through = below(*state, "link/d");
	g_autofree char *file = below(*state, "file");
	g_autofree char *dir = below(*state, "d");

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkdir(open, 0700), 0);
	assert_int_equal(chmod(open, 0777), 0);
	refuse_dir(open, BASE_ERROR_UNSAFE);
	refuse_dir(inside, BASE_ERROR_UNSAFE);
	assert_int_equal(chmod(open, 0770), 0);
	refuse_dir(open, BASE_ERROR_UNSAFE);
	assert_int_equal(symlink(dir, link), 0);
	refuse_dir(link, BASE_ERROR_UNSAFE);
	/* On the way, a symbolic link is the user's own arrangement. */
	assert_true(path_make_private(through, NULL));
	assert_true(g_file_set_contents(file, "x", 1, NULL));
	refuse_dir(file, BASE_ERROR_UNSAFE);
	refuse_dir("/", BASE_ERROR_UNSAFE);
	refuse_dir("", BASE_ERROR_UNSAFE);
	if (geteuid() != 0)
		refuse_dir("/etc", BASE_ERROR_UNSAFE);
}

static void check_foreign_owner(const struct place *place)
{
	g_autofree char *dir = below(place, "d");
	g_autofree char *file = below(place, "f");
	GError *error = NULL;

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chown(dir, 65534, 65534), 0);
	refuse_dir(dir, BASE_ERROR_UNSAFE);
	assert_true(g_file_set_contents(file, "x", 1, NULL));
	assert_int_equal(chown(file, 65534, 65534), 0);
	assert_int_equal(path_open_private(file, O_RDONLY, &error), -1);
	expect_error(error, BASE_ERROR_UNSAFE);
}

/* skip() jumps: nothing may be held when it is called. */
static void foreign_owner_is_refused(void **state)
{
	if (geteuid() != 0)
		skip();
	check_foreign_owner(*state);
}

static void files_are_private_whatever_the_umask(void **state)
{
	static const mode_t masks[] = {0, 0022, 0777};

	for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
		g_autofree char *name = g_strdup_printf("f%zu", i);
		g_autofree char *path = below(*state, name);
		int fd;

		umask(masks[i]);
		fd = path_open_private(path, O_RDWR | O_CREAT | O_EXCL, NULL);
		umask(0022);
		assert_int_not_equal(fd, -1);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(write(fd, "x", 1), 1);
		close(fd);
		assert_int_equal(mode_of(path), 0600);
	}
}

static void existing_file_is_tightened_and_emptied(void **state)
{
	g_autofree char *path = below(*state, "f");
	g_autofree char *text = NULL;
	int fd;

	assert_true(g_file_set_contents(path, "old", 3, NULL));
	assert_int_equal(chmod(path, 0644), 0);
	fd = path_open_private(path, O_WRONLY | O_CREAT | O_TRUNC, NULL);
	assert_int_not_equal(fd, -1);
	close(fd);
	assert_int_equal(mode_of(path), 0600);
	text = read_whole(path);
	assert_string_equal(text, "");
}

static void refuse_file(const char *path, int flags, int code)
{
	GError *error = NULL;

	assert_int_equal(path_open_private(path, flags, &error), -1);
	expect_error(error, code);
}

static void an_existing_file_is_told(void **state)
{
	g_autofree char *path = below(*state, "f");
	g_autofree char *text = NULL;

	assert_true(g_file_set_contents(path, "old", 3, NULL));
	refuse_file(path, O_WRONLY | O_CREAT | O_EXCL, BASE_ERROR_EXISTS);
	text = read_whole(path);
	assert_string_equal(text, "old");
}

static void unsafe_files_are_refused(void **state)
{
	g_autofree char *file = below(*state, "file");
	g_autofree char *link = below(*state, "link");
	g_autofree char *fifo = below(*state, "fifo");
	g_autofree char *none = below(*state, "none\x1b");
	g_autofree char *text = NULL;
	GError *error = NULL;

	assert_true(g_file_set_contents(file, "old", 3, NULL));
	assert_int_equal(symlink(file, link), 0);
	refuse_file(link, O_WRONLY | O_CREAT | O_TRUNC, BASE_ERROR_FAILED);
	text = read_whole(file);
	assert_string_equal(text, "old");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	refuse_file(fifo, O_RDONLY, BASE_ERROR_UNSAFE);
	refuse_file(((struct place *)*state)->dir, O_RDONLY, BASE_ERROR_UNSAFE);
	assert_int_equal(path_open_private(none, O_RDONLY, &error), -1);
	assert_null(strchr(error->message, '\x1b'));
	assert_non_null(strstr(error->message, g_strerror(ENOENT)));
	g_error_free(error);
}

/* ---- secrets ---- */

/* The "VmFlags:" line of the mapping that holds 'address'. Owned. */
static char *mapping_flags(const void *address)
{
	g_autofree char *text = read_whole("/proc/self/smaps");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	bool here = false;

	for (char **line = lines; *line != NULL; line++) {
		uintptr_t first, last;

		if (sscanf(*line, "%" SCNxPTR "-%" SCNxPTR " ", &first,
			   &last) == 2)
			here = first <= (uintptr_t)address &&
			       (uintptr_t)address < last;
		else if (here && g_str_has_prefix(*line, "VmFlags:"))
			return g_strconcat(*line, " ", NULL);
	}
	return NULL;
}

static void secret_keeps_its_octets(void **state)
{
	struct secret *text = secret_new("pass", -1);
	struct secret *part = secret_new("a\0bcd", 3);
	struct secret *none = secret_new(NULL, -1);
	g_autofree char *big = g_strnfill(10000, 'p');
	struct secret *large = secret_new(big, -1);
	size_t length;

	(void)state;
	assert_string_equal(secret_data(text, NULL), "pass");
	assert_memory_equal(secret_data(part, &length), "a\0b", 4);
	assert_int_equal(length, 3);
	assert_string_equal(secret_data(none, &length), "");
	assert_int_equal(length, 0);
	assert_string_equal(secret_data(large, &length), big);
	assert_int_equal(length, 10000);
	secret_free(text);
	secret_free(part);
	secret_free(none);
	secret_free(large);
	secret_free(NULL);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* Whether the memory of this process where 'near' lies has the octets, each of
 * which is one more than in 'shifted'. */
static bool memory_has(const void *near, const char *shifted)
{
	enum { AROUND = 16384 };
	size_t n = strlen(shifted);
	g_autofree char *octets = g_malloc(AROUND);
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	off_t from = (off_t)((uintptr_t)near & ~(uintptr_t)4095);
	ssize_t got = pread(fd, octets, AROUND, from);

	close(fd);
	assert_true(got > 4096);
	bool found = false;
	for (size_t i = 0; i + n <= (size_t)got && !found; i++) {
		size_t same = 0;

		while (same < n && octets[i + same] == shifted[same] + 1)
			same++;
		found = same == n;
	}
	explicit_bzero(octets, AROUND);
	return found;
}

static void secret_leaves_no_freed_block(void **state)
{
	/* "grey-lag-goose-at-the-lake-shore" is this, each octet one more. */
	static const char shifted[] = "fqdx,k`f,fnnrd,`s,sgd,k`jd,rgnqd";
	size_t n = strlen(shifted);
	char *copies[3];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(copies); i++) {
		copies[i] = g_malloc(n + 1);
		for (size_t k = 0; k < n; k++)
			copies[i][k] = (char)(shifted[k] + 1);
		copies[i][n] = '\0';
	}
	uintptr_t near = (uintptr_t)copies[0];
	for (size_t i = 0; i < G_N_ELEMENTS(copies); i++)
		g_free(copies[i]);
	/* The beginning is the allocator's now. */
	assert_true(memory_has((void *)near, shifted + 16));
	secret_wipe_heap(n);
	assert_false(memory_has((void *)near, shifted + 16));
}

#endif

static void secret_is_not_dumped(void **state)
{
	struct secret *secret = secret_new("pass", -1);
	g_autofree char *flags = mapping_flags(secret_data(secret, NULL));

	(void)state;
	assert_non_null(flags);
	assert_non_null(strstr(flags, " dd ")); /* do not dump */
	assert_non_null(strstr(flags, " wf ")); /* wiped in a child */
	secret_free(secret);
}

static void secret_buffer_keeps_its_octets(void **state)
{
	GByteArray *buffer = secret_buffer_new();
	const uint8_t *place = buffer->data;
	uint8_t octets[1000];

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		memset(octets, 'a' + (int)i, sizeof(octets));
		secret_buffer_append(&buffer, octets, sizeof(octets));
		/* what is small is never copied elsewhere */
		if (i < 8 && place != NULL)
			assert_ptr_equal(buffer->data, place);
		place = buffer->data;
	}
	assert_int_equal(buffer->len, 20000);
	for (unsigned i = 0; i < 20000; i++)
		assert_int_equal(buffer->data[i], 'a' + i / 1000);
	secret_buffer_drop(buffer, 19999);
	assert_int_equal(buffer->len, 1);
	assert_int_equal(buffer->data[0], 'a' + 19);
	/* The room is still its own. */
	for (unsigned i = 1; i < 20000; i++)
		assert_int_equal(buffer->data[i], 0);
	secret_buffer_wipe(buffer);
	assert_int_equal(buffer->len, 0);
	assert_int_equal(buffer->data[0], 0);
	secret_buffer_wipe(buffer);
	g_byte_array_unref(buffer);
}

static void secret_does_without_locking(void **state)
{
	struct rlimit old, none;
	struct secret *secret;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	secret = secret_new("pass", -1);
	assert_string_equal(secret_data(secret, NULL), "pass");
	secret_free(secret);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &old), 0);
}

/* In a child: the effect lasts as long as the process. */
static void process_is_hardened(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct rlimit limit;

		secret_harden_process();
		getrlimit(RLIMIT_CORE, &limit);
		_exit(prctl(PR_GET_DUMPABLE) != 0 || limit.rlim_cur != 0);
	}
	assert_int_equal(spawn_reap(pid), 0);
}

#define PLACED(test)                                                           \
	cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(log_is_private_and_escaped),
		PLACED(log_cuts_endless_lines),
		PLACED(log_lines_of_threads_stay_whole),
		PLACED(log_refuses_what_is_not_ours),
		cmocka_unit_test(paths_follow_xdg),
		cmocka_unit_test(account_names_cannot_lead_elsewhere),
		cmocka_unit_test(tilde_is_expanded),
		PLACED(directories_are_private_whatever_the_umask),
		PLACED(own_directory_is_tightened),
		PLACED(unsafe_directories_are_refused),
		PLACED(foreign_owner_is_refused),
		PLACED(files_are_private_whatever_the_umask),
		PLACED(existing_file_is_tightened_and_emptied),
		PLACED(unsafe_files_are_refused),
		PLACED(an_existing_file_is_told),
		cmocka_unit_test(secret_keeps_its_octets),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		cmocka_unit_test(secret_leaves_no_freed_block),
#endif
		cmocka_unit_test(secret_is_not_dumped),
		cmocka_unit_test(secret_buffer_keeps_its_octets),
		cmocka_unit_test(secret_does_without_locking),
		cmocka_unit_test(process_is_hardened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
