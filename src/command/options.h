/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options: how the tables of options are written. */
#ifndef COMMAND_OPTIONS_H
#define COMMAND_OPTIONS_H

#include "private.h"

#define ACCOUNT OPTION_ACCOUNT
#define OWN (OPTION_ACCOUNT | OPTION_OWN)
#define SECRET OPTION_SECRET
#define NONE OPTION_NO_EFFECT
#define SWITCH OPTION_SWITCH

#define ROW(name, type, flags, initial, min, max, choices, help) \
	{ name, OPTION_##type, flags, initial, min, max, choices, help }
#define BOOL(name, flags, initial, help) \
	ROW(name, BOOL, flags, initial, 0, 0, NULL, help)
#define QUAD(name, flags, initial, help) \
	ROW(name, QUAD, flags, initial, 0, 0, NULL, help)
#define NUMBER(name, flags, initial, min, max, help) \
	ROW(name, NUMBER, flags, initial, min, max, NULL, help)
#define STRING(name, flags, initial, help) \
	ROW(name, STRING, flags, initial, 0, 0, NULL, help)
#define PATH(name, flags, initial, help) \
	ROW(name, PATH, flags, initial, 0, 0, NULL, help)
#define REGEX(name, flags, initial, help) \
	ROW(name, REGEX, flags, initial, 0, 0, NULL, help)
#define ADDRESS(name, flags, initial, help) \
	ROW(name, ADDRESS, flags, initial, 0, 0, NULL, help)
#define ENUM(name, flags, initial, choices, help) \
	ROW(name, ENUM, flags, initial, 0, 0, choices, help)
#define SORT(name, flags, initial, choices, help) \
	ROW(name, SORT, flags, initial, 0, 0, choices, help)

#define MESSAGE_ORDERS \
	"date|date-sent|date-received|from|label|mailbox-order|score|size|" \
	"spam|subject|threads|to|unsorted"

/* Those that do something in smew, and those that do nothing; by name. */
const struct option_row *options_own(size_t *n);
const struct option_row *options_accepted(size_t *n);

#endif
