/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "smew/base.h"

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define HANDOVER_SEEN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define HANDOVER_SEEN 1
#endif

#ifdef HANDOVER_SEEN

#include <sanitizer/tsan_interface.h>

void handover_give(void *what)
{
	__tsan_release(what);
}

void handover_take(void *what)
{
	__tsan_acquire(what);
}

#else

void handover_give(void *what)
{
	(void)what;
}

void handover_take(void *what)
{
	(void)what;
}

#endif
