/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>

#include "limits.h"
#include "retry.h"

void retry_succeeded(struct retry *retry, int64_t now)
{
	retry->online_since = now;
}

void retry_at_least(struct retry *retry, unsigned milliseconds)
{
	retry->least = MAX(retry->least, milliseconds);
}

/* Not all who were sent away together come back together. */
static unsigned no_earlier(struct retry *retry, unsigned delay, double random)
{
	unsigned least = retry->least;

	retry->least = 0;
	if (delay >= least)
		return delay;
	return least + (unsigned)(MIN(least, 20000) * random / 4);
}

unsigned retry_delay(struct retry *retry, int64_t now, double random)
{
	unsigned seconds = LIMIT_RETRY_FIRST;

	if (retry->online_since != 0 &&
	    now - retry->online_since >=
		    LIMIT_RETRY_CALM * (int64_t)G_USEC_PER_SEC)
		retry->failures = 0;
	retry->online_since = 0;
	for (unsigned i = 0; i < retry->failures && seconds < LIMIT_RETRY_LAST;
	     i++)
		seconds *= 2;
	retry->failures++;
	seconds = MIN(seconds, LIMIT_RETRY_LAST);
	return no_earlier(retry,
			  (unsigned)(seconds * 1000 * (0.75 + random / 2)),
			  random);
}

unsigned retry_hold(unsigned tries, unsigned least)
{
	unsigned ms = MIN((unsigned)LIMIT_HOLD_FIRST << MIN(tries, 10u),
			  (unsigned)LIMIT_HOLD_LAST);

	return MAX(ms, least);
}
