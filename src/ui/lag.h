/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Watches that no turn of the UI's loop takes longer than a frame: a debug
 * build logs each one that does, with what was done last in it. Other builds
 * do nothing here.
 */
#ifndef SMEW_UI_LAG_H
#define SMEW_UI_LAG_H

/* From here to lag_stop() the turns of the default context are timed. */
void lag_start(void);
void lag_stop(void);
/* What is being done now, and which of its kind; 'what' is kept, not copied. */
void lag_doing(const char *what, int number);
/* The user waits on purpose (a child has the terminal, ^Z): not counted. */
void lag_forgive(void);

#endif
