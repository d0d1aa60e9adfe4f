/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"

#define DIR_MODE  0700
#define FILE_MODE 0600

/* Enough for any passwd entry a sane directory service returns. */
#define PASSWD_BUFFER 16384

/* The XDG rules: a variable that is empty or relative counts as unset. */
static char *xdg_dir(const char *variable, const char *fallback)
{
	const char *value = g_getenv(variable);

	if (value != NULL && g_path_is_absolute(value))
		return g_strdup(value);
	return g_build_filename(g_get_home_dir(), fallback, NULL);
}

char *path_user_config(void)
{
	g_autofree char *dir = xdg_dir("XDG_CONFIG_HOME", ".config");

	return g_build_filename(dir, "smew", "smewrc", NULL);
}

/*
 * Account names are checked where they are read; should one get here that was
 * not, it still becomes one component that cannot lead elsewhere.
 */
static char *safe_component(const char *account)
{
	GString *name = g_string_new(NULL);

	for (; *account != '\0'; account++) {
		if (g_ascii_isalnum(*account) || strchr("_-", *account))
			g_string_append_c(name, *account);
		else
			g_string_append_printf(name, "%%%02X",
					       (unsigned char)*account);
	}
	if (name->len == 0)
		g_string_append_c(name, '%');
	return g_string_free(name, FALSE);
}

static char *account_dir(const char *base, const char *account)
{
	g_autofree char *name = safe_component(account);

	return g_build_filename(base, "smew", name, NULL);
}

char *path_cache_dir(const char *account)
{
	g_autofree char *base = xdg_dir("XDG_CACHE_HOME", ".cache");

	return account_dir(base, account);
}

char *path_state_dir(const char *account)
{
	g_autofree char *base = xdg_dir("XDG_STATE_HOME", ".local/state");

	return account_dir(base, account);
}

static char *home_of(const char *user)
{
	g_autofree char *buffer = g_malloc(PASSWD_BUFFER);
	struct passwd entry, *found = NULL;

	if (*user == '\0')
		return g_strdup(g_get_home_dir());
	if (getpwnam_r(user, &entry, buffer, PASSWD_BUFFER, &found) != 0 ||
	    found == NULL)
		return NULL;
	return g_strdup(found->pw_dir);
}

char *path_expand(const char *path)
{
	g_autofree char *user = NULL;
	g_autofree char *home = NULL;
	size_t length;

	if (path[0] != '~')
		return g_strdup(path);
	length = strcspn(path, "/");
	user = g_strndup(path + 1, length - 1);
	home = home_of(user);
	if (home == NULL)
		return g_strdup(path);
	return g_strconcat(home, path + length, NULL);
}

static bool fail_to_make(GError **error, const char *dir)
{
	return base_fail(error, BASE_ERROR_FAILED,
			 _("cannot make the directory '%s': %s"), dir,
			 g_strerror(errno));
}

/*
 * The directory 'name' below 'parent', made when it is missing: a descriptor
 * that only serves as a parent, or -1 with errno. Directories on the way may
 * be symbolic links, as ~/.cache often is; the last one may not.
 */
static int enter_dir(int parent, const char *name, bool last)
{
	int flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (last ? O_NOFOLLOW : 0);
	int fd = openat(parent, name, flags);

	if (fd != -1 || errno != ENOENT)
		return fd;
	/* Another process of ours may be faster: that is as good. */
	if (mkdirat(parent, name, DIR_MODE) != 0 && errno != EEXIST)
		return -1;
	/* The umask may have taken bits of our own. */
	if (fchmodat(parent, name, DIR_MODE, 0) != 0)
		return -1;
	return openat(parent, name, flags);
}

/* Anyone could exchange what is below such a directory. */
static bool check_parent(int fd, const char *dir, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fail_to_make(error, dir);
	if ((status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX))
		return base_fail(error, BASE_ERROR_UNSAFE,
				 _("cannot use '%s': everyone can write to a "
				   "directory above it"),
				 dir);
	return true;
}

static bool check_private(int parent, const char *name, int fd, const char *dir,
			  GError **error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fail_to_make(error, dir);
	if (status.st_uid != geteuid())
		return base_fail(error, BASE_ERROR_UNSAFE,
				 _("cannot use '%s': it belongs to another "
				   "user"),
				 dir);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return base_fail(error, BASE_ERROR_UNSAFE,
				 _("cannot use '%s': others can write to it"),
				 dir);
	if ((status.st_mode & 07777) != DIR_MODE &&
	    fchmodat(parent, name, DIR_MODE, 0) != 0)
		return fail_to_make(error, dir);
	return true;
}

static bool make_below(int start, char **names, const char *dir, GError **error)
{
	int parent = start;
	bool ok = true;

	for (; *names != NULL && ok; names++) {
		bool last = names[1] == NULL;
		int fd = enter_dir(parent, *names, last);

		if (fd == -1 && last && (errno == ENOTDIR || errno == ELOOP))
			ok = base_fail(error, BASE_ERROR_UNSAFE,
				       _("cannot use '%s': it is not a "
					 "directory"),
				       dir);
		else if (fd == -1)
			ok = fail_to_make(error, dir);
		else if (last)
			ok = check_private(parent, *names, fd, dir, error);
		else
			ok = check_parent(fd, dir, error);
		if (parent != start)
			close(parent);
		parent = fd;
	}
	if (parent != start && parent != -1)
		close(parent);
	return ok;
}

bool path_make_private(const char *dir, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(dir, "/", -1);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	bool ok;
	int start;

	for (char **part = parts; *part != NULL; part++)
		if (**part != '\0')
			g_ptr_array_add(names, *part);
	if (names->len == 0)
		return base_fail(error, BASE_ERROR_UNSAFE,
				 _("cannot use '%s': not a private directory"),
				 dir);
	g_ptr_array_add(names, NULL);
	start = open(dir[0] == '/' ? "/" : ".",
		     O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (start == -1)
		return fail_to_make(error, dir);
	ok = make_below(start, (char **)names->pdata, dir, error);
	close(start);
	return ok;
}

/* Mode and owner of what was opened, put right where it is ours to do so. */
static bool check_file(int fd, const char *path, int flags, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return base_fail(error, BASE_ERROR_FAILED,
				 _("cannot open '%s': %s"), path,
				 g_strerror(errno));
	if (!S_ISREG(status.st_mode))
		return base_fail(error, BASE_ERROR_UNSAFE,
				 _("cannot open '%s': it is not a regular "
				   "file"),
				 path);
	if (status.st_uid != geteuid())
		return base_fail(error, BASE_ERROR_UNSAFE,
				 _("cannot open '%s': it belongs to another "
				   "user"),
				 path);
	if (((status.st_mode & 077) ||
	     ((flags & O_CREAT) && (status.st_mode & 0700) != FILE_MODE)) &&
	    fchmod(fd, FILE_MODE) != 0)
		return base_fail(error, BASE_ERROR_FAILED,
				 _("cannot make '%s' private: %s"), path,
				 g_strerror(errno));
	return true;
}

int path_open_private(const char *path, int flags, GError **error)
{
	/*
	 * O_NONBLOCK, so that a FIFO in its place cannot stop us; truncating
	 * comes after the checks.
	 */
	int fd = open(path,
		      (flags & ~O_TRUNC) | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
			      O_NONBLOCK,
		      FILE_MODE);

	if (fd == -1) {
		base_fail(error,
			  errno == EEXIST ? BASE_ERROR_EXISTS
					  : BASE_ERROR_FAILED,
			  _("cannot open '%s': %s"), path, g_strerror(errno));
		return -1;
	}
	if (!check_file(fd, path, flags, error)) {
		close(fd);
		return -1;
	}
	if ((flags & O_TRUNC) && ftruncate(fd, 0) != 0) {
		base_fail(error, BASE_ERROR_FAILED, _("cannot empty '%s': %s"),
			  path, g_strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}
