/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What GLib takes for granted: it ends the program where a thread or a
 * descriptor for a main loop cannot be had. So it is looked at the start,
 * when nothing can be lost and the terminal still shows a line.
 */
#include "config.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

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

void resources_set_up(void)
{
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
