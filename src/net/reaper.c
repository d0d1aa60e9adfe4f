/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of a tunnel's command outlives the stream and often the loop of the
 * session that owned it, so a short-lived thread of its own waits for it.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>

#include "reaper.h"

enum {
	REAPER_STEP_MS = 10,
	REAPER_STEPS = 100, /* a second from SIGTERM to SIGKILL */
};

static bool reaper_has_ended(pid_t pid)
{
	pid_t got;

	do
		got = waitpid(pid, NULL, WNOHANG);
	while (got < 0 && errno == EINTR);
	return got != 0;
}

static void *reaper_run(void *data)
{
	const struct timespec step = { .tv_nsec = REAPER_STEP_MS * 1000000L };
	pid_t pid = (pid_t)(intptr_t)data;

	for (int i = 0; i < REAPER_STEPS; i++) {
		if (reaper_has_ended(pid))
			return NULL;
		nanosleep(&step, NULL);
	}
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return NULL;
}

void reaper_end(pid_t pid)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	kill(-pid, SIGTERM);
	if (reaper_has_ended(pid))
		return;
	/* Signals of the process are not for this thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, reaper_run,
			   (void *)(intptr_t)pid) != 0)
		kill(-pid, SIGKILL);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}
