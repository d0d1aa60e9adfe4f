/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smew/base.h"
#include "smew/drafts.h"
#include "smew/store.h"

#define DIRECTORY "drafts"
#define LOCK "lock"
#define GONE '.' /* before the name of one that is being removed */

enum {
	FILE_LIMIT = 64 << 20,
	STALE_SECONDS = 3600,
};

static void fail(GError **error, const char *path)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
		    _("the draft '%s' cannot be kept: %s"), path,
		    g_strerror(errno));
}

static int lock_directory(const char *dir, int how)
{
	g_autofree char *path = g_build_filename(dir, LOCK, NULL);
	int fd = path_open_private(path, O_RDWR | O_CREAT, NULL);

	if (fd >= 0 && flock(fd, how) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int drafts_lock(const char *dir)
{
	return lock_directory(dir, LOCK_EX | LOCK_NB);
}

static bool sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

char *drafts_new(const char *state, int *lock, GError **error)
{
	g_autofree char *parent = g_build_filename(state, DIRECTORY, NULL);
	g_autofree char *name = g_strdup_printf(
		"%" PRId64 "-%08x", g_get_real_time(), g_random_int());
	g_autofree char *dir = g_build_filename(parent, name, NULL);

	if (!path_make_private(parent, error) ||
	    !path_make_private(dir, error))
		return NULL;
	/* Who looks for drafts that were left holds it for an instant. */
	*lock = lock_directory(dir, LOCK_EX);
	if (*lock < 0) {
		fail(error, dir);
		return NULL;
	}
	sync_directory(parent);
	return g_steal_pointer(&dir);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_file_of(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0 &&
	       strcmp(entry->d_name, LOCK) != 0;
}

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool empty = true;

	while (dir != NULL && empty && (entry = readdir(dir)) != NULL)
		empty = !is_file_of(entry);
	if (dir != NULL)
		closedir(dir);
	return empty;
}

static bool is_stale(const char *path)
{
	struct stat st;

	return is_empty(path) && stat(path, &st) == 0 &&
	       st.st_mtime + STALE_SECONDS <
		       g_get_real_time() / G_USEC_PER_SEC;
}

static void remove_all(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	/* The lock goes last: until then nobody looks at it. */
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (is_file_of(entry))
			drafts_remove_file(path, entry->d_name);
	if (dir != NULL)
		closedir(dir);
	drafts_remove_file(path, LOCK);
	rmdir(path);
}

GPtrArray *drafts_left(const char *state)
{
	g_autofree char *parent = g_build_filename(state, DIRECTORY, NULL);
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	DIR *dir = opendir(parent);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *path;
		int lock;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		path = g_build_filename(parent, entry->d_name, NULL);
		lock = drafts_lock(path);
		if (lock >= 0)
			close(lock);
		/* Removing it was cut short, or beginning it; but one that is
		 * empty may be another process's this instant. */
		if (lock >= 0 && (*entry->d_name == GONE || is_stale(path)))
			remove_all(path);
		else if (lock >= 0 && !is_empty(path))
			g_ptr_array_add(list, g_steal_pointer(&path));
		g_free(path);
	}
	if (dir != NULL)
		closedir(dir);
	g_ptr_array_sort(list, by_name);
	return list;
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		length -= (size_t)n;
	}
	return fsync(fd) == 0;
}

bool drafts_write(const char *dir, const char *name, const void *data,
		  size_t length, GError **error)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *next = g_strconcat(path, ".new", NULL);
	int fd = path_open_private(next, O_WRONLY | O_CREAT | O_TRUNC, error);
	bool good;

	if (fd < 0)
		return false;
	good = write_all(fd, data, length);
	if (close(fd) != 0 || !good || rename(next, path) != 0 ||
	    !sync_directory(dir)) {
		fail(error, path);
		unlink(next);
		return false;
	}
	return true;
}

static GBytes *read_all(int fd, const char *path, GError **error)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	char buffer[16384];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof buffer)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0 && all->len + (size_t)n <= FILE_LIMIT) {
			g_byte_array_append(all, (const guint8 *)buffer,
					    (guint)n);
			continue;
		}
		if (n > 0)
			errno = EFBIG;
		fail(error, path);
		return NULL;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

GBytes *drafts_read(const char *dir, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	int fd = path_open_private(path, O_RDONLY, error);
	GBytes *bytes;

	if (fd < 0)
		return NULL;
	bytes = read_all(fd, path, error);
	close(fd);
	return bytes;
}

int64_t drafts_time(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

void drafts_remove_file(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	unlink(path);
}

/* ---- programs that edit them ---- */

int drafts_watch_new(const char *dir, GError **error)
{
	g_autofree char *path = g_build_filename(dir, DRAFTS_PIPE, NULL);
	int fd = -1;

	unlink(path);
	if (mkfifo(path, 0600) == 0)
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		fail(error, path);
	return fd;
}

int drafts_watch(const char *dir)
{
	g_autofree char *path = g_build_filename(dir, DRAFTS_PIPE, NULL);
	/* Such a program reads from it, too: without one this is refused. */
	int other = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int fd;

	if (other < 0)
		return -1;
	/* Opened before that is closed, it sees the end of a program that ends
	 * between the two. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	close(other);
	return fd;
}

/* In one step: after a crash it is there as a whole, or not any more. */
void drafts_remove(const char *dir)
{
	g_autofree char *parent = g_path_get_dirname(dir);
	g_autofree char *name = g_path_get_basename(dir);
	g_autofree char *gone =
		g_strdup_printf("%s/%c%s", parent, GONE, name);

	remove_all(rename(dir, gone) == 0 ? gone : dir);
}
