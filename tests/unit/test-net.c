/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tunnel: real shell commands at the other end of the pipe. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cmocka.h>

#include "smew/base.h"
#include "smew/net.h"

enum { LIMIT_S = 30 };

struct peer {
	struct stream *stream;
	GString *got;
	GError *reason;
	unsigned opened, closed, drained;
	size_t free_at; /* octets after which the handler frees, 0: never */
};

static void on_opened(void *user)
{
	struct peer *peer = user;

	peer->opened++;
}

static void on_received(const uint8_t *data, size_t length, void *user)
{
	struct peer *peer = user;

	g_string_append_len(peer->got, (const char *)data, (gssize)length);
	if (peer->free_at > 0 && peer->got->len >= peer->free_at)
		g_clear_pointer(&peer->stream, stream_free);
}

static void on_drained(void *user)
{
	struct peer *peer = user;

	peer->drained++;
}

static void on_closed(const GError *error, void *user)
{
	struct peer *peer = user;

	assert_non_null(error);
	peer->closed++;
	peer->reason = g_error_copy(error);
	g_clear_pointer(&peer->stream, stream_free);
}

static const struct stream_handler handler = {
	on_opened, on_received, on_drained, on_closed
};

static void peer_start(struct peer *peer, const char *command)
{
	*peer = (struct peer){ .got = g_string_new(NULL) };
	peer->stream = stream_open_tunnel(command, &handler, peer);
	assert_int_equal(peer->opened, 0);
	assert_int_equal(peer->closed, 0);
}

static void peer_end(struct peer *peer)
{
	stream_free(peer->stream);
	g_string_free(peer->got, TRUE);
	g_clear_error(&peer->reason);
}

/* Turns the loop until 'condition' holds. */
#define wait_for(condition)                                               \
	do {                                                              \
		gint64 end_ = g_get_monotonic_time() + LIMIT_S * 1000000; \
		GSource *tick_ = g_timeout_source_new(20);                \
		g_source_attach(tick_, NULL);                             \
		g_source_set_callback(tick_, keep, NULL, NULL);           \
		while (!(condition)) {                                    \
			assert_true(g_get_monotonic_time() < end_);       \
			g_main_context_iteration(NULL, TRUE);             \
		}                                                         \
		g_source_destroy(tick_);                                  \
		g_source_unref(tick_);                                    \
	} while (0)

static gboolean keep(gpointer user)
{
	(void)user;
	return G_SOURCE_CONTINUE;
}

static void test_echo(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, "cat");
	stream_send(peer.stream, "one ", 4);
	wait_for(peer.opened == 1);
	stream_send(peer.stream, "two", 3);
	wait_for(peer.got->len == 7);
	assert_string_equal(peer.got->str, "one two");
	assert_true(peer.drained >= 1);
	assert_int_equal(stream_unsent(peer.stream), 0);
	assert_true(stream_is_secure(peer.stream));
	peer_end(&peer);
}

static void test_reason_is_last_line_of_stderr(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, "echo first >&2; printf 'no \\033[31mroute\\n\\n' >&2;"
			  "exit 3");
	wait_for(peer.closed == 1);
	assert_true(g_error_matches(peer.reason, NET_ERROR, NET_ERROR_TUNNEL));
	assert_non_null(strstr(peer.reason->message, "route"));
	assert_null(strstr(peer.reason->message, "first"));
	assert_null(strchr(peer.reason->message, '\033'));
	peer_end(&peer);
}

static void test_status_is_the_reason(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, "exit 7");
	wait_for(peer.closed == 1);
	assert_true(g_error_matches(peer.reason, NET_ERROR, NET_ERROR_TUNNEL));
	assert_non_null(strstr(peer.reason->message, "7"));
	peer_end(&peer);

	peer_start(&peer, "/nonexistent/program");
	wait_for(peer.closed == 1);
	assert_true(g_error_matches(peer.reason, NET_ERROR, NET_ERROR_TUNNEL));
	peer_end(&peer);
}

static void test_orderly_end_comes_after_all_octets(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, "head -c 300000 /dev/zero");
	wait_for(peer.closed == 1);
	assert_int_equal(peer.got->len, 300000);
	assert_true(g_error_matches(peer.reason, NET_ERROR, NET_ERROR_CLOSED));
	peer_end(&peer);
}

static void test_pause_holds_back(void **state)
{
	struct peer peer;
	size_t before;

	(void)state;
	peer_start(&peer, "head -c 1000000 /dev/zero");
	wait_for(peer.got->len > 0);
	stream_pause(peer.stream, true);
	before = peer.got->len;
	for (int i = 0; i < 50; i++) {
		g_usleep(2000);
		g_main_context_iteration(NULL, FALSE);
	}
	assert_int_equal(peer.got->len, before);
	assert_int_equal(peer.closed, 0);
	stream_pause(peer.stream, false);
	wait_for(peer.closed == 1);
	assert_int_equal(peer.got->len, 1000000);
	peer_end(&peer);
}

static void test_sends_more_than_a_pipe_holds(void **state)
{
	g_autofree char *big = g_malloc0(1000000);
	struct peer peer;

	(void)state;
	peer_start(&peer, "sleep 0.05; head -c 1000000 | wc -c");
	stream_send(peer.stream, big, 1000000);
	assert_int_equal(stream_unsent(peer.stream), 1000000);
	wait_for(peer.closed == 1);
	assert_non_null(strstr(peer.got->str, "1000000"));
	peer_end(&peer);
}

static void test_freed_inside_a_handler(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, "yes");
	peer.free_at = 1000;
	wait_for(peer.stream == NULL);
	assert_int_equal(peer.closed, 0);
	peer_end(&peer);
}

static void test_closed_input(void **state)
{
	g_autofree char *big = g_malloc0(1000000);
	struct peer peer;

	(void)state;
	/* It neither reads nor writes and lives on. */
	peer_start(&peer, "exec <&-; exec sleep 60");
	stream_send(peer.stream, big, 1000000);
	wait_for(peer.closed == 1);
	assert_non_null(peer.reason);
	peer_end(&peer);
}

/* A command that ignores SIGTERM is gone a little later all the same. */
static void test_stubborn_command_is_killed(void **state)
{
	struct peer peer;
	pid_t pid;

	(void)state;
	peer_start(&peer, "trap '' TERM; echo $$; while :; do sleep 0.1; done");
	wait_for(strchr(peer.got->str, '\n') != NULL);
	pid = (pid_t)g_ascii_strtoll(peer.got->str, NULL, 10);
	assert_int_equal(kill(pid, 0), 0);
	g_clear_pointer(&peer.stream, stream_free);
	wait_for(kill(pid, 0) < 0);
	peer_end(&peer);
}

/* ---- DEFLATE ---- */

static void test_deflate_both_ways(void **state)
{
	struct peer peer;
	g_autofree char *text = g_strnfill(300000, 'x');
	uint64_t in, out;

	(void)state;
	peer_start(&peer, "cat");
	wait_for(peer.opened == 1);
	peer.stream = stream_start_deflate(peer.stream);
	stream_send(peer.stream, "a NOOP\r\n", 8);
	wait_for(peer.got->len == 8);
	stream_send(peer.stream, text, 300000);
	wait_for(peer.got->len == 300008);
	assert_memory_equal(peer.got->str, "a NOOP\r\nxxx", 11);
	assert_true(stream_is_secure(peer.stream));
	assert_null(stream_tls_cipher(peer.stream));
	stream_octets(peer.stream, &in, &out);
	/* What was on the wire, not what was in it. */
	assert_in_range(out, 20, 30000);
	assert_int_equal(in, out);
	assert_int_equal(peer.closed, 0);
	peer_end(&peer);
}

/* "hello\n" as raw DEFLATE, stored. */
static const uint8_t early[] = { 0, 6, 0, 0xf9, 0xff, 'h', 'e', 'l', 'l', 'o',
				 '\n' };

static void test_deflate_takes_what_came_early(void **state)
{
	struct peer peer;

	(void)state;
	peer_start(&peer, "cat");
	wait_for(peer.opened == 1);
	peer.stream = stream_start_deflate(peer.stream);
	stream_inflate_rest(peer.stream, early, sizeof early);
	assert_int_equal(peer.got->len, 0);
	wait_for(peer.got->len == 6);
	assert_string_equal(peer.got->str, "hello\n");
	peer_end(&peer);
}

static void check_bad_deflate(const char *command)
{
	struct peer peer;

	peer_start(&peer, command);
	peer.stream = stream_start_deflate(peer.stream);
	wait_for(peer.closed == 1);
	assert_non_null(strstr(peer.reason->message, "compressed"));
	assert_true(peer.got->len < 64 * 1024 * 1024);
	peer_end(&peer);
}

static void test_deflate_bomb_and_damage(void **state)
{
	(void)state;
	check_bad_deflate("/usr/bin/python3 -c 'import zlib, sys\n"
			  "z = zlib.compressobj(9, zlib.DEFLATED, -15)\n"
			  "w = sys.stdout.buffer.write\n"
			  "for i in range(1000): w(z.compress(bytes(1 << 20)))'"
			  "; sleep 100");
	check_bad_deflate("printf 'plain text, not compressed'; sleep 100");
}

/* ---- TCP ---- */

/* Accepts one connection, echoes what comes, ends at "bye". */
static gpointer echo_once(gpointer user)
{
	int listener = GPOINTER_TO_INT(user);
	int fd = accept(listener, NULL, NULL);
	char data[256];
	ssize_t n;

	while ((n = read(fd, data, sizeof data)) > 0) {
		if (write(fd, data, (size_t)n) != n ||
		    memmem(data, (size_t)n, "bye", 3) != NULL)
			break;
	}
	close(fd);
	return NULL;
}

static int listen_somewhere(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&address, &length);
	*port = ntohs(address.sin_port);
	return fd;
}

static void test_tcp(void **state)
{
	struct peer peer = { .got = g_string_new(NULL) };
	uint16_t port;
	uint64_t in, out;
	int fd = listen_somewhere(&port);
	GThread *thread = g_thread_new("echo", echo_once, GINT_TO_POINTER(fd));

	(void)state;
	peer.stream = stream_open_tcp("127.0.0.1", port, LIMIT_S, &handler,
				      &peer);
	stream_octets(peer.stream, &in, &out);
	assert_int_equal(in + out, 0);
	wait_for(peer.opened == 1);
	assert_false(stream_is_secure(peer.stream));
	stream_send(peer.stream, "hello", 5);
	wait_for(peer.got->len == 5);
	stream_octets(peer.stream, &in, &out);
	assert_int_equal(in, 5);
	assert_int_equal(out, 5);
	stream_send(peer.stream, "bye", 3);
	wait_for(peer.closed == 1);
	assert_true(g_error_matches(peer.reason, NET_ERROR, NET_ERROR_CLOSED));
	g_thread_join(thread);
	close(fd);
	peer_end(&peer);
}

/* The descriptor of this process that is connected to 'port'. */
static int find_connection(uint16_t port)
{
	for (int fd = 3; fd < 1024; fd++) {
		struct sockaddr_in address = { 0 };
		socklen_t length = sizeof address;

		if (getpeername(fd, (struct sockaddr *)&address, &length) == 0 &&
		    address.sin_family == AF_INET &&
		    address.sin_port == htons(port))
			return fd;
	}
	fail_msg("no connection to port %u", (unsigned)port);
	return -1;
}

static void assert_option(int fd, int level, int option, int wanted)
{
	int value = -1;
	socklen_t length = sizeof value;

	assert_int_equal(getsockopt(fd, level, option, &value, &length), 0);
	assert_int_equal(value, wanted);
}

/* What notices a connection that went dead, asked of the kernel. */
static void test_tcp_options(void **state)
{
	struct peer peer = { .got = g_string_new(NULL) };
	uint16_t port;
	int listener = listen_somewhere(&port);

	(void)state;
	peer.stream = stream_open_tcp("127.0.0.1", port, 0, &handler, &peer);
	wait_for(peer.opened == 1);
	int fd = find_connection(port);
	assert_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	assert_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	assert_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
	assert_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	assert_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
	assert_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	close(listener);
	peer_end(&peer);
}

/* A listener whose queue is full answers no further SYN. */
static int listen_deaf(uint16_t *port, int *fillers, size_t n)
{
	int listener = listen_somewhere(port);
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(*port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(listen(listener, 0), 0);
	for (size_t i = 0; i < n; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC |
						     SOCK_NONBLOCK, 0);
		connect(fillers[i], (struct sockaddr *)&address,
			sizeof address);
	}
	return listener;
}

static void test_tcp_nobody_answers(void **state)
{
	struct peer peer = { .got = g_string_new(NULL) };
	int fillers[4];
	uint16_t port;
	int listener = listen_deaf(&port, fillers, G_N_ELEMENTS(fillers));

	(void)state;
	peer.stream = stream_open_tcp("127.0.0.1", port, 1, &handler, &peer);
	wait_for(peer.closed == 1);
	assert_int_equal(peer.opened, 0);
	assert_true(g_error_matches(peer.reason, NET_ERROR,
				    NET_ERROR_TIMEOUT));
	assert_non_null(strstr(peer.reason->message, "1 second"));
	for (size_t i = 0; i < G_N_ELEMENTS(fillers); i++)
		close(fillers[i]);
	close(listener);
	peer_end(&peer);
}

static void test_tcp_refused(void **state)
{
	struct peer peer = { .got = g_string_new(NULL) };
	uint16_t port;

	(void)state;
	close(listen_somewhere(&port));
	peer.stream = stream_open_tcp("127.0.0.1", port, LIMIT_S, &handler,
				      &peer);
	wait_for(peer.closed == 1);
	assert_int_equal(peer.opened, 0);
	assert_true(g_error_matches(peer.reason, NET_ERROR,
				    NET_ERROR_CONNECT));
	/* The cause is first: the row for it is short. */
	assert_true(g_str_has_prefix(peer.reason->message,
				     g_strerror(ECONNREFUSED)));
	assert_non_null(strstr(peer.reason->message, "127.0.0.1"));
	peer_end(&peer);
}

static void test_tcp_freed_while_connecting(void **state)
{
	struct peer peer = { .got = g_string_new(NULL) };
	uint16_t port;

	(void)state;
	close(listen_somewhere(&port));
	peer.stream = stream_open_tcp("127.0.0.1", port, LIMIT_S, &handler,
				      &peer);
	g_clear_pointer(&peer.stream, stream_free);
	while (g_main_context_iteration(NULL, FALSE))
		;
	assert_int_equal(peer.opened + peer.closed, 0);
	peer_end(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_reason_is_last_line_of_stderr),
		cmocka_unit_test(test_status_is_the_reason),
		cmocka_unit_test(test_orderly_end_comes_after_all_octets),
		cmocka_unit_test(test_pause_holds_back),
		cmocka_unit_test(test_sends_more_than_a_pipe_holds),
		cmocka_unit_test(test_freed_inside_a_handler),
		cmocka_unit_test(test_closed_input),
		cmocka_unit_test(test_stubborn_command_is_killed),
		cmocka_unit_test(test_deflate_both_ways),
		cmocka_unit_test(test_deflate_takes_what_came_early),
		cmocka_unit_test(test_deflate_bomb_and_damage),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_tcp_options),
		cmocka_unit_test(test_tcp_nobody_answers),
		cmocka_unit_test(test_tcp_refused),
		cmocka_unit_test(test_tcp_freed_while_connecting),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
