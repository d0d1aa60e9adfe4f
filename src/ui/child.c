/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "smew/base.h"

enum {
	END_MS = 2000,	/* for an editor to keep what it has */
	LOOK_MS = 50,	/* where the system has no descriptors of processes */
};

/*
 * While a child has the terminal, its keys are its own: ^C and ^\ do not end
 * smew with it, ^Z stops both as one job.
 */
static const struct {
	int number;
	void (*handler)(int);
} child_signals[] = {
	{ SIGINT, SIG_IGN },
	{ SIGQUIT, SIG_IGN },
	{ SIGTSTP, SIG_DFL },
};

static void lend_signals(struct sigaction *kept)
{
	for (size_t i = 0; i < G_N_ELEMENTS(child_signals); i++) {
		struct sigaction action = {
			.sa_handler = child_signals[i].handler
		};

		sigemptyset(&action.sa_mask);
		sigaction(child_signals[i].number, &action, &kept[i]);
	}
}

static void take_signals(const struct sigaction *kept)
{
	for (size_t i = 0; i < G_N_ELEMENTS(child_signals); i++)
		sigaction(child_signals[i].number, &kept[i], NULL);
}

/* ---- waiting ---- */

struct wait {
	pid_t pid;
	int fd;		/* of the process, -1: the system has none */
	int end_fd;
	bool over;	/* smew is to end */
	bool ended;
	int status;
};

/* -1: it has not ended. */
static void look(struct wait *wait)
{
	siginfo_t info = { 0 };

	/* Reaped by the one function that does so. */
	if (waitid(P_PID, (id_t)wait->pid, &info,
		   WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid == wait->pid) {
		wait->status = spawn_reap(wait->pid);
		wait->ended = true;
	}
}

/* For at most so many milliseconds, -1: until something happens. */
static void wait_once(struct wait *wait, int milliseconds)
{
	struct pollfd fds[] = {
		{ .fd = wait->fd, .events = POLLIN },
		{ .fd = wait->over ? -1 : wait->end_fd, .events = POLLIN },
		/* Its input is the child's: only whether it is still there. */
		{ .fd = wait->over ? -1 : STDIN_FILENO },
	};

	if (wait->fd < 0 && (milliseconds < 0 || milliseconds > LOOK_MS))
		milliseconds = LOOK_MS;
	if (poll(fds, G_N_ELEMENTS(fds), milliseconds) > 0 &&
	    (fds[1].revents != 0 || fds[2].revents != 0))
		wait->over = true;
	look(wait);
}

static void wait_end(struct wait *wait)
{
	gint64 end = g_get_monotonic_time() + END_MS * G_GINT64_CONSTANT(1000);
	gint64 left;

	while (!wait->ended && (left = end - g_get_monotonic_time()) > 0)
		wait_once(wait, (int)(left / 1000) + 1);
}

static int wait_child(pid_t pid, int end_fd, bool *over)
{
	struct wait wait = { .pid = pid, .end_fd = end_fd, .status = -1 };

	wait.fd = pidfd_open(pid, 0);
	while (!wait.ended && !wait.over)
		wait_once(&wait, -1);
	if (!wait.ended) {
		kill(pid, SIGHUP);
		wait_end(&wait);
	}
	if (wait.fd >= 0)
		close(wait.fd);
	*over = wait.over;
	return wait.status;
}

static void wait_for_key(int end_fd, bool *over)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = end_fd, .events = POLLIN },
	};
	char c;

	g_print("%s", _("Press Enter to go on..."));
	while (poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno == EINTR)
		;
	*over = fds[1].revents != 0 ||
		read(STDIN_FILENO, &c, 1) <= 0;
}

int child_run(const char *command, bool wait, int end_fd, bool *over,
	      GError **error)
{
	struct sigaction kept[G_N_ELEMENTS(child_signals)];
	struct child child;
	int status = -1;

	lend_signals(kept);
	if (spawn_shell(command, SPAWN_TERMINAL, &child, error)) {
		status = wait_child(child.pid, end_fd, over);
		if (wait && !*over)
			wait_for_key(end_fd, over);
	}
	take_signals(kept);
	return status;
}
