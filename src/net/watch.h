/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests need of the watch: its clock and descriptors given. */
#ifndef SMEW_NET_WATCH_H
#define SMEW_NET_WATCH_H

#include <time.h>

#include "smew/net.h"

struct watch_parts {
	/* Microseconds of CLOCK_REALTIME, _MONOTONIC or _BOOTTIME. */
	gint64 (*now)(clockid_t clock, void *user);
	void *user;
	int clock_fd; /* given; readable when the clock was set; -1: none */
	int route_fd; /* given; NETLINK_ROUTE, not blocking; -1: none */
};

struct net_watch *watch_new_with(const struct watch_parts *parts,
				 void (*changed)(enum net_change what,
						 void *user),
				 void *user);

/* What a datagram of NETLINK_ROUTE means; any octets are safe. */
enum watch_news {
	WATCH_NOTHING,
	WATCH_LOOK,    /* addresses may have changed: compare them */
	WATCH_CHANGED, /* a route did, or news were lost */
};
enum watch_news watch_read_news(const void *data, size_t length);

#endif
