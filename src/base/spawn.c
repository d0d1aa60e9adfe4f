/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"

/* Where close_range() is missing: descriptors above this are not looked at. */
#define DESCRIPTOR_LIMIT 65536

enum { READ_END, WRITE_END };

/*
 * Everything the child needs is made before the fork: in a process with
 * threads it may only call async-signal-safe functions until it executes.
 */
struct launch {
	char *program;	   /* owned; a path */
	char *const *argv; /* borrowed */
	unsigned flags;
	int pipes[3][2]; /* by descriptor number; -1: none */
	int null;	 /* /dev/null, or -1 */
	int report[2];	 /* the child writes errno here when it fails */
};

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++) {
		if (pair[i] != -1)
			close(pair[i]);
		pair[i] = -1;
	}
}

static void launch_release(struct launch *launch)
{
	g_free(launch->program);
	for (int i = 0; i < 3; i++)
		close_pair(launch->pipes[i]);
	close_pair(launch->report);
	if (launch->null != -1)
		close(launch->null);
}

static bool launch_open(struct launch *launch)
{
	for (int i = 0; i < 3; i++)
		if ((launch->flags & (SPAWN_STDIN << i)) &&
		    pipe2(launch->pipes[i], O_CLOEXEC) != 0)
			return false;
	if (pipe2(launch->report, O_CLOEXEC) != 0)
		return false;
	launch->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	return launch->null != -1;
}

static bool launch_init(struct launch *launch, const char *const *argv,
			unsigned flags)
{
	memset(launch, 0, sizeof(*launch));
	memset(launch->pipes, -1, sizeof(launch->pipes));
	launch->report[READ_END] = launch->report[WRITE_END] = -1;
	launch->null = -1;
	launch->argv = (char *const *)argv;
	launch->flags = flags;
	launch->program = strchr(argv[0], '/')
				  ? g_strdup(argv[0])
				  : g_find_program_in_path(argv[0]);
	if (launch->program == NULL) {
		errno = ENOENT;
		return false;
	}
	return launch_open(launch);
}

/* ---- in the child: async-signal-safe calls only ---- */

static void child_fail(int report)
{
	int number = errno;

	while (write(report, &number, sizeof(number)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* A program must not inherit what we handle, ignore or block. */
static void child_reset_signals(void)
{
	struct sigaction action;
	sigset_t none;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The descriptor that shall become 'target', or -1: what is there stays. */
static int child_source(const struct launch *launch, int target)
{
	int end = target == STDIN_FILENO ? READ_END : WRITE_END;
	int fd = launch->pipes[target][end];

	if (fd == -1 && !(launch->flags & SPAWN_TERMINAL))
		fd = launch->null;
	/* Out of the way of the targets, should we have been started so. */
	return fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static void child_connect(const struct launch *launch, int report)
{
	int sources[3];

	for (int target = 0; target < 3; target++)
		sources[target] = child_source(launch, target);
	for (int target = 0; target < 3; target++)
		if (sources[target] != -1 &&
		    dup2(sources[target], target) == -1)
			child_fail(report);
}

/* Ours are close-on-exec anyway; this catches what libraries opened. */
static void child_seal_descriptors(void)
{
	struct rlimit limit;
	int last;

	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	last = limit.rlim_cur > DESCRIPTOR_LIMIT ? DESCRIPTOR_LIMIT
						 : (int)limit.rlim_cur;
	for (int fd = 3; fd < last; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

G_GNUC_NORETURN
static void child_run(const struct launch *launch)
{
	int report = fcntl(launch->report[WRITE_END], F_DUPFD_CLOEXEC, 3);

	if (!(launch->flags & SPAWN_TERMINAL))
		setsid();
	child_connect(launch, report);
	child_seal_descriptors();
	child_reset_signals();
	execv(launch->program, launch->argv);
	child_fail(report);
	_exit(127);
}

/* ---- in the parent ---- */

/* No handler of ours may run in the child: all signals wait meanwhile. */
static pid_t fork_child(const struct launch *launch)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		child_run(launch);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pid;
}

/* Waits until the child executes: 0, or the errno of what failed in it. */
static int child_report(struct launch *launch)
{
	int number = 0;
	ssize_t n;

	close(launch->report[WRITE_END]);
	launch->report[WRITE_END] = -1;
	do {
		n = read(launch->report[READ_END], &number, sizeof(number));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(number) ? number : 0;
}

static int take_end(struct launch *launch, int which, int end, bool nonblock)
{
	int fd = launch->pipes[which][end];

	launch->pipes[which][end] = -1;
	if (fd != -1 && nonblock)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}

static int launch_run(struct launch *launch, struct child *child)
{
	int number;

	child->pid = fork_child(launch);
	if (child->pid == -1)
		return errno;
	number = child_report(launch);
	if (number != 0) {
		spawn_reap(child->pid);
		child->pid = -1;
		return number;
	}
	child->in = take_end(launch, STDIN_FILENO, WRITE_END, true);
	child->out = take_end(launch, STDOUT_FILENO, READ_END, true);
	child->err = take_end(launch, STDERR_FILENO, READ_END, false);
	return 0;
}

bool spawn_start(const char *const *argv, unsigned flags, struct child *child,
		 GError **error)
{
	struct launch launch;
	int number;

	*child = (struct child){-1, -1, -1, -1};
	number = launch_init(&launch, argv, flags) ? launch_run(&launch, child)
						   : errno;
	launch_release(&launch);
	if (number != 0)
		return base_fail(error, BASE_ERROR_FAILED,
				 _("cannot run '%s': %s"), argv[0],
				 g_strerror(number));
	return true;
}

bool spawn_shell(const char *command, unsigned flags, struct child *child,
		 GError **error)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};

	return spawn_start(argv, flags, child, error);
}

int spawn_reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
