/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Octets from the terminal to keys (DESIGN 13). smew decodes them itself: a
 * lone ESC must not block, and a sequence that the network split must still
 * be one key. Pure: the caller owns descriptor and clock.
 */
#ifndef SMEW_UI_KEYDECODE_H
#define SMEW_UI_KEYDECODE_H

#include <stdbool.h>
#include <stddef.h>

struct keydecode;

struct keydecode *keydecode_new(void);
void keydecode_free(struct keydecode *decode);

/* Teaches what a key sends; both kinds of cursor keys are known already. */
void keydecode_learn(struct keydecode *decode, const char *octets, int key);
/* The octets are characters of the locale; they are kept until taken. */
void keydecode_feed(struct keydecode *decode, const char *octets, size_t n);
/*
 * The next key (a Unicode character or a KEYC_ code), or -1 when there is
 * none. With 'final' what could still become a longer sequence is taken as it
 * stands: the caller says so when 50 ms have passed without more.
 */
int keydecode_next(struct keydecode *decode, bool final);
/* Whether octets wait for more. */
bool keydecode_pending(const struct keydecode *decode);

/* How long octets that may be the beginning of a key's wait, in ms. */
#define KEYDECODE_WAIT_MS 50

#endif
