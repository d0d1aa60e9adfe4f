/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suspend and changes of addresses. The clocks are the test's; addresses are
 * changed in a network of this process alone, where the system permits one.
 */
#include "config.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

#include "../../src/net/watch.h"

enum { LIMIT_S = 30, QUIET_MS = 800 };

struct machine {
	gint64 real, monotonic, boot; /* microseconds */
	struct net_watch *watch;
	unsigned resumed, changed;
	bool free_when_told;
};

static gint64 machine_now(clockid_t clock, void *user)
{
	const struct machine *machine = user;

	switch (clock) {
	case CLOCK_REALTIME:
		return machine->real;
	case CLOCK_BOOTTIME:
		return machine->boot;
	default:
		return machine->monotonic;
	}
}

static void told(enum net_change what, void *user)
{
	struct machine *machine = user;

	if (what == NET_RESUMED)
		machine->resumed++;
	else
		machine->changed++;
	if (machine->free_when_told)
		g_clear_pointer(&machine->watch, net_watch_free);
}

static void machine_start(struct machine *machine, int clock_fd, int route_fd)
{
	const struct watch_parts parts = { machine_now, machine, clock_fd,
					   route_fd };

	*machine = (struct machine){ .real = 1700000000000000 };
	machine->watch = watch_new_with(&parts, told, machine);
}

static void pass_time(struct machine *machine, gint64 awake, gint64 asleep)
{
	machine->monotonic += awake;
	machine->boot += awake + asleep;
	machine->real += awake + asleep;
}

static gboolean too_late(gpointer user)
{
	*(bool *)user = true;
	return G_SOURCE_REMOVE;
}

/* Turns the loop until '*count' is not 'was' any more, or for 'ms'. */
static void turn(unsigned ms, const unsigned *count, unsigned was)
{
	bool late = false;
	GSource *limit = g_timeout_source_new(ms);

	g_source_set_callback(limit, too_late, &late, NULL);
	g_source_attach(limit, NULL);
	while (!late && *count == was)
		g_main_context_iteration(NULL, TRUE);
	g_source_destroy(limit);
	g_source_unref(limit);
}

static void wait_for(const unsigned *count, unsigned wanted)
{
	while (*count < wanted) {
		unsigned was = *count;
		turn(LIMIT_S * 1000, count, was);
		assert_int_not_equal(*count, was);
	}
	assert_int_equal(*count, wanted);
}

/* ---- sleep ---- */

static void test_sleep_is_noticed(void **state)
{
	struct machine machine;

	(void)state;
	machine_start(&machine, -1, -1);
	pass_time(&machine, 3600000000, 0);
	net_watch_check(machine.watch);
	assert_int_equal(machine.resumed, 0);
	pass_time(&machine, 1000000, 1900000);
	net_watch_check(machine.watch);
	assert_int_equal(machine.resumed, 0);
	pass_time(&machine, 1000000, 2100000);
	net_watch_check(machine.watch);
	assert_int_equal(machine.resumed, 1);
	/* Told once. */
	net_watch_check(machine.watch);
	assert_int_equal(machine.resumed, 1);
	net_watch_free(machine.watch);
}

/* A paused virtual machine has no other sign; NTP's small steps are none. */
static void test_clock_that_is_set(void **state)
{
	struct machine machine;

	(void)state;
	machine_start(&machine, -1, -1);
	machine.real += 5000000;
	net_watch_check(machine.watch);
	machine.real -= 7200000000;
	net_watch_check(machine.watch);
	assert_int_equal(machine.resumed, 0);
	machine.real += 60000000;
	net_watch_check(machine.watch);
	assert_int_equal(machine.resumed, 1);
	net_watch_free(machine.watch);
}

static void test_kernel_wakes_it(void **state)
{
	struct machine machine;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	(void)state;
	machine_start(&machine, fd, -1);
	pass_time(&machine, 0, 5000000);
	assert_int_equal(eventfd_write(fd, 1), 0);
	wait_for(&machine.resumed, 1);
	/* Woken again, and nothing happened. */
	assert_int_equal(eventfd_write(fd, 1), 0);
	turn(100, &machine.resumed, 1);
	assert_int_equal(machine.resumed, 1);
	assert_int_equal(machine.changed, 0);
	net_watch_free(machine.watch);
}

static void test_freed_when_told(void **state)
{
	struct machine machine;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	(void)state;
	machine_start(&machine, fd, -1);
	machine.free_when_told = true;
	pass_time(&machine, 0, 5000000);
	assert_int_equal(eventfd_write(fd, 1), 0);
	wait_for(&machine.resumed, 1);
	assert_null(machine.watch);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

/* The real descriptors: nothing happens, and nothing wakes the loop. */
static void test_quiet_machine(void **state)
{
	struct machine machine = { 0 };

	(void)state;
	machine.watch = net_watch_new(told, &machine);
	net_watch_check(machine.watch);
	while (g_main_context_iteration(NULL, FALSE))
		;
	assert_int_equal(machine.resumed, 0);
	net_watch_free(machine.watch);
}

/* ---- messages of the kernel ---- */

struct message {
	struct nlmsghdr head;
	struct rtmsg route;
	struct rtattr attribute;
	uint8_t to[16];
};

static struct message route_message(unsigned type, unsigned table)
{
	return (struct message){
		.head = { .nlmsg_len = sizeof(struct message),
			  .nlmsg_type = (uint16_t)type },
		.route = { .rtm_family = AF_INET6,
			   .rtm_type = RTN_UNICAST,
			   .rtm_table = (unsigned char)table },
		.attribute = { sizeof(struct rtattr) + 16, RTA_DST },
		.to = { 0x20, 0x01, 0x0d, 0xb8 },
	};
}

static enum watch_news news_of(const struct message *message)
{
	return watch_read_news(message, sizeof *message);
}

static void test_what_messages_mean(void **state)
{
	struct message message = route_message(RTM_NEWROUTE, RT_TABLE_MAIN);

	(void)state;
	assert_int_equal(news_of(&message), WATCH_CHANGED);
	message.to[0] = 0xff;
	assert_int_equal(news_of(&message), WATCH_LOOK);
	message.to[0] = 0xfe;
	message.to[1] = 0x80;
	assert_int_equal(news_of(&message), WATCH_LOOK);
	message = route_message(RTM_DELROUTE, RT_TABLE_LOCAL);
	assert_int_equal(news_of(&message), WATCH_LOOK);
	message = route_message(RTM_DELADDR, 0);
	assert_int_equal(news_of(&message), WATCH_LOOK);
	message = route_message(RTM_NEWLINK, 0);
	assert_int_equal(news_of(&message), WATCH_LOOK);
	message = route_message(RTM_NEWNEIGH, 0);
	assert_int_equal(news_of(&message), WATCH_NOTHING);
	message = route_message(NLMSG_OVERRUN, 0);
	assert_int_equal(news_of(&message), WATCH_CHANGED);
	assert_int_equal(watch_read_news(NULL, 0), WATCH_NOTHING);
}

/* Cut anywhere, and with lengths that lie: no octet outside is read (the copy
 * has exactly its size, for ASan and valgrind), and doubt means "changed". */
static void test_damaged_messages(void **state)
{
	struct message pair[2] = { route_message(RTM_NEWNEIGH, 0),
				   route_message(RTM_NEWROUTE,
						 RT_TABLE_MAIN) };

	(void)state;
	for (size_t length = 1; length < sizeof pair; length++) {
		g_autofree uint8_t *cut = g_memdup2(pair, length);
		enum watch_news news = watch_read_news(cut, length);
		assert_int_equal(news, length == sizeof pair[0]
					       ? WATCH_NOTHING
					       : WATCH_CHANGED);
	}
	for (unsigned lie = 0; lie < 256; lie++) {
		g_autofree struct message *one = g_memdup2(&pair[1],
							   sizeof pair[1]);
		one->attribute.rta_len = (unsigned short)lie;
		assert_int_equal(news_of(one), WATCH_CHANGED);
		one->head.nlmsg_len = lie;
		assert_int_equal(news_of(one), WATCH_CHANGED);
	}
}

static void test_datagrams_are_one_change(void **state)
{
	struct message message = route_message(RTM_NEWROUTE, RT_TABLE_MAIN);
	struct machine machine;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
				    pair), 0);
	machine_start(&machine, -1, pair[0]);
	for (int i = 0; i < 100; i++)
		if (send(pair[1], &message, sizeof message, 0) < 0)
			break;
	assert_int_equal(machine.changed, 0);
	wait_for(&machine.changed, 1);
	turn(QUIET_MS, &machine.changed, 1);
	assert_int_equal(machine.changed, 1);
	/* Something is looked at, and all is as it was. */
	message = route_message(RTM_NEWADDR, 0);
	assert_true(send(pair[1], &message, sizeof message, 0) > 0);
	turn(QUIET_MS, &machine.changed, 1);
	assert_int_equal(machine.changed, 1);
	/* A datagram larger than anything the kernel sends. */
	g_autofree uint8_t *large = g_malloc0(30000);
	assert_int_equal(send(pair[1], large, 30000, 0), 30000);
	wait_for(&machine.changed, 2);
	close(pair[1]);
	net_watch_free(machine.watch);
}

/* ---- a network of our own ---- */

/* Adds the address to lo under a label of its own, or takes it away. */
static void lo_address(int fd, bool add)
{
	struct ifreq request = { .ifr_name = "lo:1" };
	struct sockaddr_in address = { .sin_family = AF_INET };

	address.sin_addr.s_addr = htonl(0xc0000207); /* 192.0.2.7 */
	memcpy(&request.ifr_addr, &address, sizeof address);
	if (add) {
		assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
		return;
	}
	memset(&request.ifr_ifru, 0, sizeof request.ifr_ifru);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
}

static void lo_up(int fd)
{
	struct ifreq request = { .ifr_name = "lo" };

	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
	request.ifr_flags |= IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
}

static bool own_network(void)
{
	return unshare(CLONE_NEWNET) == 0 ||
	       unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

static void on_opened(void *user)
{
	++*(unsigned *)user;
}

static void on_received(const uint8_t *data, size_t length, void *user)
{
	(void)data;
	(void)length;
	(void)user;
}

static void on_closed(const GError *error, void *user)
{
	(void)user;
	fail_msg("closed: %s", error->message);
}

static const struct stream_handler stream_calls = {
	.opened = on_opened,
	.received = on_received,
	.closed = on_closed,
};

static int listen_at(const char *host, uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = g_str_equal(host, "127.0.0.1")
					  ? htonl(INADDR_LOOPBACK)
					  : htonl(0xc0000207);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 4), 0);
	getsockname(fd, (struct sockaddr *)&address, &length);
	*port = ntohs(address.sin_port);
	return fd;
}

/* A connection from 'host' to itself, connected. */
static struct stream *connect_to(const char *host, int *listener)
{
	unsigned opened = 0;
	uint16_t port;

	*listener = listen_at(host, &port);
	struct stream *stream = stream_open_tcp(host, port, LIMIT_S, &stream_calls,
						&opened);
	assert_true(stream_address_is_ours(stream));
	wait_for(&opened, 1);
	assert_true(stream_address_is_ours(stream));
	return stream;
}

static void test_addresses(void **state)
{
	struct machine machine = { 0 };
	int listeners[2], fd;

	if (!*(bool *)*state)
		skip();
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	machine.watch = net_watch_new(told, &machine);
	lo_up(fd);
	wait_for(&machine.changed, 1);
	lo_address(fd, true);
	wait_for(&machine.changed, 2);
	struct stream *kept = connect_to("127.0.0.1", &listeners[0]);
	struct stream *lost = connect_to("192.0.2.7", &listeners[1]);
	turn(QUIET_MS, &machine.changed, 2);
	assert_int_equal(machine.changed, 2);

	lo_address(fd, false);
	wait_for(&machine.changed, 3);
	assert_true(stream_address_is_ours(kept));
	assert_false(stream_address_is_ours(lost));
	lost = stream_start_deflate(lost);
	assert_false(stream_address_is_ours(lost));
	assert_int_equal(machine.resumed, 0);
	stream_free(kept);
	stream_free(lost);
	net_watch_free(machine.watch);
	close(listeners[0]);
	close(listeners[1]);
	close(fd);
}

static void come_and_go(int fd, int times)
{
	for (int i = 0; i < times; i++) {
		lo_address(fd, true);
		lo_address(fd, false);
	}
}

/* More than the socket holds: the kernel drops messages and says so. */
static void test_lost_messages(void **state)
{
	struct machine machine = { 0 };
	int fd;

	if (!*(bool *)*state)
		skip();
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	machine.watch = net_watch_new(told, &machine);
	/* The end is as the beginning: only a loss tells. */
	come_and_go(fd, 3);
	turn(QUIET_MS, &machine.changed, 0);
	assert_int_equal(machine.changed, 0);
	come_and_go(fd, 3000);
	wait_for(&machine.changed, 1);
	turn(QUIET_MS, &machine.changed, 1);
	assert_int_equal(machine.changed, 1);
	net_watch_free(machine.watch);
	close(fd);
}

int main(void)
{
	/* Before there is a second thread. */
	bool own = own_network();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sleep_is_noticed),
		cmocka_unit_test(test_clock_that_is_set),
		cmocka_unit_test(test_kernel_wakes_it),
		cmocka_unit_test(test_freed_when_told),
		cmocka_unit_test(test_quiet_machine),
		cmocka_unit_test(test_what_messages_mean),
		cmocka_unit_test(test_damaged_messages),
		cmocka_unit_test(test_datagrams_are_one_change),
		cmocka_unit_test_prestate(test_addresses, &own),
		cmocka_unit_test_prestate(test_lost_messages, &own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
