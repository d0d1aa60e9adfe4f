/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to try again: 1, 2, 4 ... 300 seconds, each a quarter more or less. */
#ifndef SMEW_SESSION_RETRY_H
#define SMEW_SESSION_RETRY_H

#include <stdint.h>

struct retry {
	unsigned failures;    /* in a row */
	int64_t online_since; /* monotonic; 0: the last try did not succeed */
	unsigned least;	      /* milliseconds before the next try */
};

/* A connection is ready for use. */
void retry_succeeded(struct retry *retry, int64_t now);
/* The server asks for so many milliseconds before the next try, at least. */
void retry_at_least(struct retry *retry, unsigned milliseconds);
/*
 * A try failed or a connection ended: the delay in milliseconds until the
 * next. 'random' in [0, 1) moves it. A connection that lasted calms it down;
 * one that ends at once does not, whatever it said before.
 */
unsigned retry_delay(struct retry *retry, int64_t now, double random);
/* Milliseconds until an action that was refused for now is tried again: each
 * time twice as long, and not less than 'least'. */
unsigned retry_hold(unsigned tries, unsigned least);

#endif
