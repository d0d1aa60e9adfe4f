/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children: how they start, what they inherit, how they end. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "smew/base.h"

#define LIMIT	 65536
#define PATIENCE 60000

static char *output_of(const char *command)
{
	GError *error = NULL;
	char *text = spawn_output(command, LIMIT, PATIENCE, &error);

	if (text == NULL)
		fail_msg("%s", error->message);
	return text;
}

static void expect_output(const char *command, const char *wanted)
{
	g_autofree char *text = output_of(command);

	assert_string_equal(text, wanted);
}

static void expect_failure(const char *command, size_t limit, int timeout_ms,
			   int code, const char *part)
{
	GError *error = NULL;

	assert_null(spawn_output(command, limit, timeout_ms, &error));
	assert_true(g_error_matches(error, BASE_ERROR, code));
	if (strstr(error->message, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, error->message);
	assert_null(strchr(error->message, '\x1b'));
	g_error_free(error);
}

/* ---- spawn_output ---- */

static void output_is_returned(void **state)
{
	(void)state;
	expect_output("echo hello", "hello");
	expect_output("printf 'a\\nb\\n\\n'", "a\nb\n");
	expect_output(":", "");
	expect_output("echo no >&2; echo yes", "yes");
	expect_output("cat", ""); /* its input is empty */
	expect_output("head -c 60000 /dev/zero | tr '\\0' x | wc -c", "60000");
}

static void failure_says_why(void **state)
{
	(void)state;
	expect_failure("exit 3", LIMIT, PATIENCE, BASE_ERROR_EXIT, "3");
	expect_failure("echo first >&2; printf 'la\\033st\\n\\n' >&2; exit 1",
		       LIMIT, PATIENCE, BASE_ERROR_EXIT, "la\u241bst");
	expect_failure("kill -9 $$", LIMIT, PATIENCE, BASE_ERROR_EXIT, "137");
	expect_failure("no-such-program-at-all", LIMIT, PATIENCE,
		       BASE_ERROR_EXIT, "no-such-program-at-all");
}

static void limit_is_kept(void **state)
{
	(void)state;
	expect_failure("printf 12345", 4, PATIENCE, BASE_ERROR_LIMIT, "4");
	expect_failure("yes", 100000, PATIENCE, BASE_ERROR_LIMIT, "yes");
	g_free(spawn_output("printf 1234", 4, PATIENCE, NULL));
}

/*
 * Both processes of the command hold a FIFO open for writing: its end comes
 * when the last of them is gone.
 */
static void time_out_ends_the_whole_group(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("smew-spawn-XXXXXX", NULL);
	g_autofree char *fifo = g_build_filename(dir, "fifo", NULL);
	g_autofree char *command = g_strdup_printf(
		"exec 9>%s; sleep 4711 & sleep 4711; true", fifo);
	struct pollfd end = {.events = POLLIN};
	char octet;

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	end.fd = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	expect_failure(command, LIMIT, 500, BASE_ERROR_TIMEOUT, "too long");
	assert_int_equal(poll(&end, 1, PATIENCE), 1);
	assert_int_equal(read(end.fd, &octet, 1), 0);
	close(end.fd);
	unlink(fifo);
	rmdir(dir);
}

static void time_out_holds_against_a_flood(void **state)
{
	(void)state;
	expect_failure("yes >&2", LIMIT, 200, BASE_ERROR_TIMEOUT, "too long");
}

/* An agent that a command starts keeps its pipes and must not delay it. */
static void background_process_is_not_waited_for(void **state)
{
	g_autofree char *text = output_of("sleep 300 & echo $!");
	pid_t pid = (pid_t)g_ascii_strtoll(text, NULL, 10);

	(void)state;
	assert_true(pid > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

/* ---- spawn_start ---- */

static void write_whole(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Reads to the end of a nonblocking or blocking pipe. Owned. */
static char *read_to_end(int fd)
{
	GString *text = g_string_new(NULL);
	char buffer[512];
	ssize_t n;

	fcntl(fd, F_SETFL, 0);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		g_string_append_len(text, buffer, n);
	assert_int_equal(n, 0);
	close(fd);
	return g_string_free(text, FALSE);
}

static void pipes_are_connected(void **state)
{
	struct child child;
	g_autofree char *out = NULL;
	g_autofree char *err = NULL;

	(void)state;
	assert_true(spawn_shell("cat; echo err >&2",
				SPAWN_STDIN | SPAWN_STDOUT | SPAWN_STDERR,
				&child, NULL));
	assert_true(fcntl(child.in, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(child.out, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(child.err, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(child.in, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(child.out, F_GETFL) & O_NONBLOCK);
	write_whole(child.in, "through");
	close(child.in);
	out = read_to_end(child.out);
	err = read_to_end(child.err);
	assert_string_equal(out, "through");
	assert_string_equal(err, "err\n");
	assert_int_equal(spawn_reap(child.pid), 0);
}

static void no_pipe_is_made_unasked(void **state)
{
	struct child child;

	(void)state;
	assert_true(spawn_shell("exit 7", 0, &child, NULL));
	assert_int_equal(child.in, -1);
	assert_int_equal(child.out, -1);
	assert_int_equal(child.err, -1);
	assert_int_equal(spawn_reap(child.pid), 7);
	assert_int_equal(spawn_reap(child.pid), -1);
}

static void expect_start_failure(const char *program, int number)
{
	const char *argv[] = {program, NULL};
	GError *error = NULL;
	struct child child;

	assert_false(
		spawn_start(argv, SPAWN_STDIN | SPAWN_STDOUT, &child, &error));
	assert_true(g_error_matches(error, BASE_ERROR, BASE_ERROR_FAILED));
	assert_non_null(strstr(error->message, program));
	assert_non_null(strstr(error->message, g_strerror(number)));
	assert_int_equal(child.pid, -1);
	assert_int_equal(child.in, -1);
	g_error_free(error);
}

static void what_cannot_run_is_an_error(void **state)
{
	(void)state;
	expect_start_failure("no-such-program-at-all", ENOENT);
	expect_start_failure("/no/such/program", ENOENT);
	expect_start_failure("/etc/passwd", EACCES);
	expect_start_failure("/", EACCES);
}

static void arguments_stay_apart(void **state)
{
	const char *argv[] = {"printf", "%s|", "a b", "$(id)", "", NULL};
	g_autofree char *out = NULL;
	struct child child;

	(void)state;
	assert_true(spawn_start(argv, SPAWN_STDOUT, &child, NULL));
	out = read_to_end(child.out);
	assert_string_equal(out, "a b|$(id)||");
	assert_int_equal(spawn_reap(child.pid), 0);
}

static void child_leads_its_session_unless_it_has_the_terminal(void **state)
{
	g_autofree char *session = NULL;
	g_autofree char *ours = NULL;
	struct child child;

	(void)state;
	assert_true(spawn_shell("cut -d' ' -f6 /proc/$$/stat", SPAWN_STDOUT,
				&child, NULL));
	session = read_to_end(child.out);
	assert_int_equal(g_ascii_strtoll(session, NULL, 10), child.pid);
	assert_int_equal(spawn_reap(child.pid), 0);
	assert_true(spawn_shell("cut -d' ' -f6 /proc/$$/stat",
				SPAWN_TERMINAL | SPAWN_STDOUT, &child, NULL));
	ours = read_to_end(child.out);
	assert_int_equal(g_ascii_strtoll(ours, NULL, 10), getsid(0));
	assert_int_equal(spawn_reap(child.pid), 0);
}

static void descriptors_do_not_leak(void **state)
{
	int leaky = dup(STDERR_FILENO); /* without close-on-exec */
	g_autofree char *text = NULL;

	(void)state;
	assert_int_not_equal(leaky, -1);
	assert_int_equal(dup2(leaky, 100), 100);
	/* Neither a pipe of the shell's own nor a directory is open here. */
	text = output_of("i=0; while [ $i -le 200 ]; do "
			 "[ -e /proc/$$/fd/$i ] && printf '%s ' $i; "
			 "i=$((i + 1)); done");
	assert_string_equal(text, "0 1 2 ");
	close(leaky);
	close(100);
}

static void on_signal(int number)
{
	(void)number;
}

/* The line of /proc/self/status, as grep (without a shell) finds it. */
static void expect_mask(const char *name, const char *wanted)
{
	g_autofree char *pattern = g_strdup_printf("^%s:", name);
	const char *argv[] = {"grep", pattern, "/proc/self/status", NULL};
	g_autofree char *line = NULL;
	struct child child;

	assert_true(spawn_start(argv, SPAWN_STDOUT, &child, NULL));
	line = g_strchomp(read_to_end(child.out));
	assert_int_equal(spawn_reap(child.pid), 0);
	assert_true(g_str_has_suffix(line, wanted));
}

static void signals_are_reset(void **state)
{
	sigset_t set, old;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGTERM, on_signal);
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	expect_mask("SigBlk", "\t0000000000000000");
	expect_mask("SigIgn", "\t0000000000000000");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}

/* ---- from many threads ---- */

static void *spawn_many(void *data)
{
	atomic_int *good = data;

	for (int i = 0; i < 25; i++) {
		g_autofree char *text =
			spawn_output("echo x", LIMIT, PATIENCE, NULL);

		if (g_strcmp0(text, "x") == 0)
			atomic_fetch_add(good, 1);
	}
	return NULL;
}

static void *allocate_until_told(void *data)
{
	atomic_bool *stop = data;

	while (!atomic_load(stop))
		g_free(g_strnfill(1000, 'x'));
	return NULL;
}

/* Allocating threads hold malloc's locks when the fork happens. */
static void threads_may_spawn_at_once(void **state)
{
	pthread_t threads[4], busy;
	atomic_int good = 0;
	atomic_bool stop = false;

	(void)state;
	pthread_create(&busy, NULL, allocate_until_told, &stop);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, spawn_many, &good);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&stop, true);
	pthread_join(busy, NULL);
	assert_int_equal(good, 100);
}

/* Started with standard descriptors closed, as some supervisors do. */
static void closed_standard_descriptors_do_no_harm(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		g_autofree char *text = NULL;
		bool good;

		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		text = spawn_output("echo out; cat", LIMIT, PATIENCE, NULL);
		good = g_strcmp0(text, "out") == 0;
		g_clear_pointer(&text, g_free);
		_exit(!good);
	}
	assert_int_equal(spawn_reap(pid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_returned),
		cmocka_unit_test(failure_says_why),
		cmocka_unit_test(limit_is_kept),
		cmocka_unit_test(time_out_ends_the_whole_group),
		cmocka_unit_test(time_out_holds_against_a_flood),
		cmocka_unit_test(background_process_is_not_waited_for),
		cmocka_unit_test(pipes_are_connected),
		cmocka_unit_test(no_pipe_is_made_unasked),
		cmocka_unit_test(what_cannot_run_is_an_error),
		cmocka_unit_test(arguments_stay_apart),
		cmocka_unit_test(
			child_leads_its_session_unless_it_has_the_terminal),
		cmocka_unit_test(descriptors_do_not_leak),
		cmocka_unit_test(signals_are_reset),
		cmocka_unit_test(threads_may_spawn_at_once),
		cmocka_unit_test(closed_standard_descriptors_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
