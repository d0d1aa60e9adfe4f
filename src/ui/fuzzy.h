/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names by some of their letters: "lnd" finds Lists/numerics-devel. Pure. */
#ifndef SMEW_UI_FUZZY_H
#define SMEW_UI_FUZZY_H

#include <glib.h>
#include <stdbool.h>

/*
 * Whether the letters of 'typed' stand in 'text' in this order, without regard
 * to case and accents; blanks in 'typed' do not count. 'score' is the greater
 * the better it fits: beginnings of words, letters that follow one another,
 * the last part of a name, short names.
 */
bool fuzzy_match(const char *typed, const char *text, int *score);

#endif
