/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

#include "pump.h"
#include "smew/base.h"

enum { PUMP_READ = 64 * 1024 }; /* octets of one `received` */

struct pump {
	struct pump_handler handler;
	void *user;
	GMainContext *context; /* owned reference */
	int in, out;	       /* borrowed; -1 when that side has ended */
	GByteArray *queue;     /* not yet written */
	size_t written;	       /* of the beginning of 'queue' */
	uint64_t octets_in, octets_out;
	GSource *reader, *writer; /* NULL: none */
	unsigned calls;		  /* of the owner, under way */
	bool paused, dead;
};

static void source_end(GSource **source)
{
	if (*source == NULL)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}

static void pump_destroy(struct pump *pump)
{
	secret_buffer_wipe(pump->queue);
	g_byte_array_unref(pump->queue);
	g_main_context_unref(pump->context);
	g_free(pump);
}

static bool pump_leave(struct pump *pump)
{
	if (--pump->calls > 0 || !pump->dead)
		return !pump->dead;
	pump_destroy(pump);
	return false;
}

static GSource *pump_watch(struct pump *pump, int fd, GIOCondition condition,
			   GUnixFDSourceFunc function)
{
	GSource *source = g_unix_fd_source_new(fd, condition);

	g_source_set_callback(source, G_SOURCE_FUNC(function), pump, NULL);
	g_source_attach(source, pump->context);
	return source;
}

static gboolean pump_read(gint fd, GIOCondition condition, gpointer user)
{
	struct pump *pump = user;
	uint8_t data[PUMP_READ];
	ssize_t got = read(fd, data, sizeof(data));

	(void)condition;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	pump->calls++;
	if (got > 0) {
		pump->octets_in += (uint64_t)got;
		pump->handler.received(data, (size_t)got, pump->user);
	} else {
		int code = got < 0 ? errno : 0;
		source_end(&pump->reader);
		pump->in = -1;
		pump->handler.read_ended(code, pump->user);
	}
	bool alive = pump_leave(pump);
	return alive && got > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void pump_clear(struct pump *pump)
{
	secret_buffer_wipe(pump->queue);
	pump->written = 0;
	source_end(&pump->writer);
}

static gboolean pump_write(gint fd, GIOCondition condition, gpointer user)
{
	struct pump *pump = user;
	ssize_t did = write(fd, pump->queue->data + pump->written,
			    pump->queue->len - pump->written);

	(void)condition;
	if (did < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (did > 0) {
		pump->written += (size_t)did;
		pump->octets_out += (uint64_t)did;
	}
	if (did >= 0 && pump->written < pump->queue->len)
		return G_SOURCE_CONTINUE;

	int code = did < 0 ? errno : 0;
	pump_clear(pump);
	pump->calls++;
	if (code != 0) {
		pump->out = -1;
		pump->handler.write_ended(code, pump->user);
	} else {
		pump->handler.drained(pump->user);
	}
	pump_leave(pump);
	return G_SOURCE_REMOVE;
}

static void pump_want_read(struct pump *pump)
{
	if (pump->reader == NULL && pump->in >= 0)
		pump->reader = pump_watch(pump, pump->in, G_IO_IN | G_IO_HUP,
					  pump_read);
}

void pump_send(struct pump *pump, const void *data, size_t length)
{
	if (pump->out < 0 || length == 0)
		return;
	secret_buffer_drop(pump->queue, pump->written);
	pump->written = 0;
	secret_buffer_append(&pump->queue, data, length);
	if (pump->writer == NULL)
		pump->writer = pump_watch(pump, pump->out,
					  G_IO_OUT | G_IO_ERR, pump_write);
}

size_t pump_unsent(const struct pump *pump)
{
	return pump->queue->len - pump->written;
}

void pump_octets(const struct pump *pump, uint64_t *in, uint64_t *out)
{
	*in = pump->octets_in;
	*out = pump->octets_out;
}

void pump_pause(struct pump *pump, bool pause)
{
	pump->paused = pause;
	/* The source goes: a hang-up would wake it whatever it waits for. */
	if (pause)
		source_end(&pump->reader);
	else
		pump_want_read(pump);
}

struct pump *pump_new(int in, int out, const struct pump_handler *handler,
		      void *user)
{
	struct pump *pump = g_new0(struct pump, 1);

	pump->handler = *handler;
	pump->user = user;
	pump->context = g_main_context_ref_thread_default();
	pump->in = in;
	pump->out = out;
	pump->queue = secret_buffer_new();
	pump_want_read(pump);
	return pump;
}

void pump_free(struct pump *pump)
{
	if (pump == NULL)
		return;
	source_end(&pump->reader);
	source_end(&pump->writer);
	pump->dead = true;
	if (pump->calls == 0)
		pump_destroy(pump);
}
