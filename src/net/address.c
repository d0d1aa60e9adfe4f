/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "address.h"

#include <arpa/inet.h>
#include <glib.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "smew/base.h"

/* The octets of an Internet address, 4 or 16; NULL for any other. */
static const void *octets(const struct sockaddr *address, size_t *length)
{
	if (address == NULL)
		return NULL;
	if (address->sa_family == AF_INET) {
		*length = sizeof(struct in_addr);
		return &((const struct sockaddr_in *)(const void *)address)
				->sin_addr;
	}
	if (address->sa_family != AF_INET6)
		return NULL;
	const struct in6_addr *six =
		&((const struct sockaddr_in6 *)(const void *)address)
			 ->sin6_addr;
	if (IN6_IS_ADDR_V4MAPPED(six)) {
		*length = sizeof(struct in_addr);
		return &six->s6_addr[12];
	}
	*length = sizeof *six;
	return six;
}

static bool is_link_local(const uint8_t *address, size_t length)
{
	if (length == 4)
		return address[0] == 169 && address[1] == 254;
	return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

static char *describe(const struct ifaddrs *one)
{
	char text[INET6_ADDRSTRLEN];
	bool up = (one->ifa_flags & IFF_UP) && (one->ifa_flags & IFF_RUNNING);
	size_t length;
	const void *address = octets(one->ifa_addr, &length);

	if (address == NULL || is_link_local(address, length) ||
	    inet_ntop(length == 4 ? AF_INET : AF_INET6, address, text,
		      sizeof text) == NULL)
		return NULL;
	return g_strdup_printf("%s:%s%s", one->ifa_name, text, up ? "" : "!");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *address_list(void)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) != 0)
		return NULL;
	for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
		char *text = describe(one);
		if (text != NULL)
			g_ptr_array_add(list, text);
	}
	freeifaddrs(all);
	g_ptr_array_sort(list, by_text);
	g_ptr_array_add(list, NULL);
	return g_strjoinv(" ", (char **)list->pdata);
}

static bool is_assigned(const void *address, size_t length)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return true;
	for (const struct ifaddrs *one = all; one != NULL && !found;
	     one = one->ifa_next) {
		size_t other_length;
		const void *other = octets(one->ifa_addr, &other_length);
		found = other != NULL && other_length == length &&
			memcmp(other, address, length) == 0;
	}
	freeifaddrs(all);
	return found;
}

bool address_of_socket_is_ours(int fd)
{
	struct sockaddr_storage local = { 0 };
	socklen_t size = sizeof local;
	size_t length = 0;

	if (getsockname(fd, (struct sockaddr *)&local, &size) != 0)
		return true;
	const uint8_t *address = octets((struct sockaddr *)&local, &length);
	/* All of 127.0.0.0/8 is ours without being named. */
	if (address == NULL || (length == 4 && address[0] == IN_LOOPBACKNET))
		return true;
	return is_assigned(address, length);
}
