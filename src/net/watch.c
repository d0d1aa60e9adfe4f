/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happens to the machine: it slept, or its addresses and routes became
 * others. The kernel tells both; nothing is polled.
 */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "address.h"
#include "smew/base.h"
#include "watch.h"

enum {
	SLEPT_AT_LEAST_US = 2000000,
	/* A virtual machine that was paused learns it from its clock alone;
	 * what NTP corrects by itself is far less. */
	CLOCK_SET_AT_LEAST_US = 10000000,
	/* A change of network is a burst of messages. */
	SETTLED_AFTER_MS = 500,
	DATAGRAMS_AT_ONCE = 256,
	DATAGRAM_LIMIT = 16384,
};

struct net_watch {
	struct watch_parts parts; /* the descriptors are owned */
	void (*changed)(enum net_change what, void *user);
	void *user;
	GMainContext *context;		   /* owned reference */
	GSource *clock, *route, *settling; /* NULL: none */
	gint64 slept, set; /* BOOTTIME and REALTIME, each minus MONOTONIC */
	char *addresses;   /* address_list() when last looked */
	enum watch_news news; /* the most of those not told yet */
};

static void source_end(GSource **source)
{
	if (*source == NULL)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}

/* ---- sleep ---- */

static gint64 system_now(clockid_t clock, void *user)
{
	struct timespec now = { 0, 0 };

	(void)user;
	clock_gettime(clock, &now);
	return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void take_clocks(const struct net_watch *watch, gint64 *slept,
			gint64 *set)
{
	gint64 (*now)(clockid_t, void *) = watch->parts.now;
	gint64 monotonic = now(CLOCK_MONOTONIC, watch->parts.user);

	*slept = now(CLOCK_BOOTTIME, watch->parts.user) - monotonic;
	*set = now(CLOCK_REALTIME, watch->parts.user) - monotonic;
}

void net_watch_check(struct net_watch *watch)
{
	gint64 slept, set;

	take_clocks(watch, &slept, &set);
	bool resumed = slept - watch->slept > SLEPT_AT_LEAST_US ||
		       set - watch->set > CLOCK_SET_AT_LEAST_US;
	if (resumed)
		log_line(LOG_STATE, "net",
			 "resumed: slept %" G_GINT64_FORMAT
			 " ms, clock set by %" G_GINT64_FORMAT " ms",
			 (slept - watch->slept) / 1000,
			 (set - watch->set) / 1000);
	watch->slept = slept;
	watch->set = set;
	if (resumed)
		watch->changed(NET_RESUMED, watch->user);
}

/* Far away on purpose: only that it is cancelled counts. A setting of the
 * clock that was not read yet is ECANCELED here, and it is armed all the
 * same. */
static bool arm(int fd)
{
	const struct itimerspec never = {
		.it_value.tv_sec = sizeof(time_t) > 4 ? (time_t)9000000000
						      : G_MAXINT32,
	};

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			       &never, NULL) == 0 ||
	       errno == ECANCELED;
}

static int clock_open(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd >= 0 && !arm(fd)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		log_line(LOG_FAULT, "net",
			 "a resume cannot be noticed at once: %s",
			 g_strerror(errno));
	return fd;
}

static gboolean clock_was_set(gint fd, GIOCondition condition, gpointer user)
{
	struct net_watch *watch = user;
	uint64_t ticks;

	(void)condition;
	/* ECANCELED is the news; EAGAIN is somebody else's. */
	if (read(fd, &ticks, sizeof ticks) < 0 && errno == EAGAIN)
		return G_SOURCE_CONTINUE;
	arm(fd);
	net_watch_check(watch);
	return G_SOURCE_CONTINUE;
}

/* ---- addresses and routes ---- */

static int route_open(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
			     RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
			     RTMGRP_IPV6_ROUTE,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			NETLINK_ROUTE);

	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		log_line(LOG_FAULT, "net",
			 "changes of addresses cannot be noticed: %s",
			 g_strerror(errno));
	return fd;
}

/* The attribute's value, or NULL; 'length' gets its octets. */
static const uint8_t *attribute(const uint8_t *data, size_t left,
				unsigned wanted, size_t *length)
{
	struct rtattr head;

	while (left >= sizeof head) {
		memcpy(&head, data, sizeof head);
		if (head.rta_len < sizeof head || head.rta_len > left)
			return NULL;
		if (head.rta_type == wanted) {
			*length = head.rta_len - sizeof head;
			return data + sizeof head;
		}
		size_t step = MIN(RTA_ALIGN((size_t)head.rta_len), left);
		data += step;
		left -= step;
	}
	return NULL;
}

/* Routes that come and go with addresses or by themselves tell nothing: the
 * table of own addresses, copies for one peer, multicast, link-local. */
static enum watch_news route_news(const uint8_t *data, size_t length)
{
	struct rtmsg route;
	const uint8_t *to;
	size_t octets = 0;

	if (length < sizeof route)
		return WATCH_CHANGED;
	memcpy(&route, data, sizeof route);
	if (route.rtm_table == RT_TABLE_LOCAL ||
	    (route.rtm_flags & RTM_F_CLONED) || route.rtm_type != RTN_UNICAST)
		return WATCH_LOOK;
	size_t head = MIN(NLMSG_ALIGN(sizeof route), length);
	to = attribute(data + head, length - head, RTA_DST, &octets);
	if (route.rtm_family == AF_INET6 && to != NULL && octets >= 2 &&
	    (to[0] == 0xff || (to[0] == 0xfe && (to[1] & 0xc0) == 0x80)))
		return WATCH_LOOK;
	return WATCH_CHANGED;
}

static enum watch_news message_news(unsigned type, const uint8_t *data,
				    size_t length)
{
	switch (type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return WATCH_LOOK;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return route_news(data, length);
	case NLMSG_NOOP:
	case NLMSG_DONE:
		return WATCH_NOTHING;
	case NLMSG_ERROR:
	case NLMSG_OVERRUN:
		return WATCH_CHANGED;
	default:
		return WATCH_NOTHING;
	}
}

enum watch_news watch_read_news(const void *data, size_t length)
{
	const uint8_t *at = data;
	enum watch_news news = WATCH_NOTHING;
	struct nlmsghdr head;

	while (length > 0) {
		if (length < sizeof head)
			return WATCH_CHANGED;
		memcpy(&head, at, sizeof head);
		if (head.nlmsg_len < sizeof head || head.nlmsg_len > length)
			return WATCH_CHANGED;
		news = MAX(news, message_news(head.nlmsg_type,
					      at + sizeof head,
					      head.nlmsg_len - sizeof head));
		size_t step = MIN(NLMSG_ALIGN((size_t)head.nlmsg_len), length);
		at += step;
		length -= step;
	}
	return news;
}

static gboolean settled(gpointer user)
{
	struct net_watch *watch = user;
	g_autofree char *now = address_list();
	bool told = watch->news == WATCH_CHANGED ||
		    g_strcmp0(now, watch->addresses) != 0;

	source_end(&watch->settling);
	watch->news = WATCH_NOTHING;
	g_free(watch->addresses);
	watch->addresses = g_steal_pointer(&now);
	if (told) {
		log_line(LOG_STATE, "net", "addresses or routes changed: %s",
			 watch->addresses != NULL ? watch->addresses : "?");
		watch->changed(NET_ADDRESSES_CHANGED, watch->user);
	}
	return G_SOURCE_REMOVE;
}

static void settle(struct net_watch *watch)
{
	source_end(&watch->settling);
	watch->settling = g_timeout_source_new(SETTLED_AFTER_MS);
	g_source_set_callback(watch->settling, settled, watch, NULL);
	g_source_attach(watch->settling, watch->context);
}

/* One datagram's news; false with the reason when there is none. */
static bool take_datagram(int fd, enum watch_news *news, int *error)
{
	uint8_t data[DATAGRAM_LIMIT];
	struct sockaddr_nl from = { 0 };
	struct iovec place = { data, sizeof data };
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &place,
		.msg_iovlen = 1,
	};
	ssize_t got = recvmsg(fd, &message, 0);

	*error = got < 0 ? errno : 0;
	if (got <= 0)
		return false;
	/* Anybody may send to the socket; the kernel is port 0. */
	if (message.msg_namelen == sizeof from && from.nl_pid != 0)
		*news = WATCH_NOTHING;
	else if (message.msg_flags & MSG_TRUNC)
		*news = WATCH_CHANGED;
	else
		*news = watch_read_news(data, (size_t)got);
	return true;
}

static gboolean route_told(gint fd, GIOCondition condition, gpointer user)
{
	struct net_watch *watch = user;
	enum watch_news most = WATCH_NOTHING, news = WATCH_NOTHING;
	int error = 0;
	bool more = true;

	(void)condition;
	for (int i = 0; more && i < DATAGRAMS_AT_ONCE; i++) {
		more = take_datagram(fd, &news, &error);
		/* ENOBUFS: the kernel had more to tell than we had room. */
		if (!more && (error == ENOBUFS || error == EINTR)) {
			news = error == ENOBUFS ? WATCH_CHANGED : news;
			more = true;
		}
		most = MAX(most, news);
		news = WATCH_NOTHING;
	}
	watch->news = MAX(watch->news, most);
	if (most != WATCH_NOTHING)
		settle(watch);
	if (more || error == EAGAIN)
		return G_SOURCE_CONTINUE;
	log_line(LOG_FAULT, "net", "changes of addresses are not told any "
		 "more: %s", g_strerror(error));
	source_end(&watch->route);
	return G_SOURCE_REMOVE;
}

/* ---- beginning and end ---- */

static GSource *listen_to(struct net_watch *watch, int fd,
			  GUnixFDSourceFunc function)
{
	if (fd < 0)
		return NULL;
	GSource *source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_ERR |
							   G_IO_HUP);
	g_source_set_callback(source, G_SOURCE_FUNC(function), watch, NULL);
	g_source_attach(source, watch->context);
	return source;
}

struct net_watch *watch_new_with(const struct watch_parts *parts,
				 void (*changed)(enum net_change what,
						 void *user),
				 void *user)
{
	struct net_watch *watch = g_new0(struct net_watch, 1);

	watch->parts = *parts;
	watch->changed = changed;
	watch->user = user;
	watch->context = g_main_context_ref_thread_default();
	take_clocks(watch, &watch->slept, &watch->set);
	/* Listening comes first: what happens between is looked at twice. */
	watch->clock = listen_to(watch, parts->clock_fd, clock_was_set);
	watch->route = listen_to(watch, parts->route_fd, route_told);
	watch->addresses = address_list();
	return watch;
}

struct net_watch *net_watch_new(void (*changed)(enum net_change what,
						void *user),
				void *user)
{
	const struct watch_parts parts = {
		.now = system_now,
		.clock_fd = clock_open(),
		.route_fd = route_open(),
	};

	return watch_new_with(&parts, changed, user);
}

void net_watch_free(struct net_watch *watch)
{
	if (watch == NULL)
		return;
	source_end(&watch->clock);
	source_end(&watch->route);
	source_end(&watch->settling);
	if (watch->parts.clock_fd >= 0)
		close(watch->parts.clock_fd);
	if (watch->parts.route_fd >= 0)
		close(watch->parts.route_fd);
	g_main_context_unref(watch->context);
	g_free(watch->addresses);
	g_free(watch);
}
