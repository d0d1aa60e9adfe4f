/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What GLib takes for granted: it ends the program where a thread or a
 * descriptor for a main loop cannot be had. So it is looked at the start,
 * when nothing can be lost and the terminal still shows a line.
 */
#include "config.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "smew/base.h"

enum {
	DESCRIPTORS = 64,
	/* one account's view and session, GLib's worker, two of the pool */
	THREADS = 8,
	/* from here on a block is one of its own, in octets */
	LARGE_BLOCK = 256 * 1024,
};

static bool check_descriptors(GError **error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return true;
	if (limit.rlim_cur < DESCRIPTORS && limit.rlim_max >= DESCRIPTORS) {
		limit.rlim_cur = DESCRIPTORS;
		if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
			return true;
	}
	if (limit.rlim_cur >= DESCRIPTORS)
		return true;
	return base_fail(error, BASE_ERROR_LIMIT,
			 _("only %u files may be open at a time, smew needs "
			   "%d: see 'ulimit -n'"),
			 (unsigned)limit.rlim_cur, DESCRIPTORS);
}

static void *wait_for_all(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

static bool check_threads(GError **error)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t threads[THREADS];
	int n = 0, failure = 0;

	pthread_mutex_lock(&gate);
	while (n < THREADS && failure == 0) {
		failure = pthread_create(&threads[n], NULL, wait_for_all,
					 &gate);
		n += failure == 0;
	}
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	if (failure == 0)
		return true;
	return base_fail(error, BASE_ERROR_FAILED,
			 _("cannot start the %d threads that smew needs: %s"),
			 THREADS, g_strerror(failure));
}

bool resources_check(GError **error)
{
	return check_descriptors(error) && check_threads(error);
}

#ifdef SYS_sched_setattr
/* As <linux/sched/types.h> has it, which not every system does. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

enum {
	RESET_ON_FORK = 1,
	SHORTEST_SLICE = 100 * 1000, /* ns; the least that Linux takes */
};

/*
 * What a key does takes a fraction of a millisecond: a thread that asks for
 * short slices gets its turn sooner beside those that compute, and no more
 * time in all. Since Linux 6.12; others take it for nothing.
 */
static void ask_for_short_slices(void)
{
	struct attributes attributes = {
		.size = sizeof(attributes),
		.policy = SCHED_OTHER,
		.flags = RESET_ON_FORK,
		.runtime = SHORTEST_SLICE,
	};

	errno = 0;
	attributes.nice = getpriority(PRIO_PROCESS, 0);
	if (errno == 0 && sched_getscheduler(0) == SCHED_OTHER)
		syscall(SYS_sched_setattr, 0, &attributes, 0);
}
#else
static void ask_for_short_slices(void)
{
}
#endif

void resources_set_up(void)
{
	ask_for_short_slices();
#ifdef M_MMAP_THRESHOLD
	/* Else it grows with what is freed, and arrays of a large mailbox stay
	 * with the thread that made them. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
#endif
}

void resources_give_back(void)
{
#ifdef M_MMAP_THRESHOLD
	malloc_trim(0);
#endif
}
