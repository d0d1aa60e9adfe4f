/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of this machine, as far as connections can have them. */
#ifndef SMEW_NET_ADDRESS_H
#define SMEW_NET_ADDRESS_H

#include <stdbool.h>

/*
 * The addresses of all interfaces, sorted, "lo:127.0.0.1 eth0:192.0.2.7"; "!"
 * after those of an interface that is down. Link-local ones are left out: they
 * come and go by themselves. Owned; NULL when the system does not tell.
 */
char *address_list(void);

/* Whether the local end of a connected socket is an address of some interface;
 * true when that cannot be found out. */
bool address_of_socket_is_ours(int fd);

#endif
