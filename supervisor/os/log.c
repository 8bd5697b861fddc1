/* log.c - see log.h. */
#include "supervisor/os/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* POSIX: a pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking. */
enum { BUFFER = 16 * 1024, CHUNK = 4096, LINE_MAX_LEN = 1024 };

static struct {
	enum log_level level;
	enum message_format format;
	size_t n;
	unsigned long lost;
	char buffer[BUFFER];
} the_log = {.level = LOG_INFO};

#define LEVEL_NAME(id, text) [LOG_##id] = (text),
static const char *const level_names[] = {LOG_LEVELS(LEVEL_NAME)};

void log_setup(enum log_level level, enum message_format format)
{
	the_log.level = level;
	the_log.format = format;
}

bool log_is_text(void)
{
	return the_log.format == LOG_TEXT;
}

bool log_wants(enum log_level level)
{
	return level <= the_log.level;
}

int log_level_by_name(const char *name)
{
	for (int i = 0; i < LOG_LEVEL_COUNT; i++)
		if (strcmp(name, level_names[i]) == 0)
			return i;
	return -EINVAL;
}

/* Appends text as the inside of a JSON string. Returns the new length. */
static size_t put_json(char *line, size_t at, size_t size, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p && at + 8 < size; p++) {
		if (*p == '"' || *p == '\\') {
			line[at++] = '\\';
			line[at++] = (char)*p;
		} else if (*p < 0x20) {
			at += (size_t)snprintf(line + at, size - at, "\\u%04x", (unsigned)*p);
		} else {
			line[at++] = (char)*p;
		}
	}
	return at;
}

static size_t format_json(
	char *line, size_t size, enum log_level level, const char *path, const char *text)
{
	struct timespec now = {0};
	struct tm tm = {0};
	size_t at;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &tm);
	at = strftime(line, size, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &tm);
	at += (size_t)snprintf(line + at, size - at, ".%03ldZ\",\"level\":\"%s\"",
		now.tv_nsec / 1000000, level_names[level]);
	if (path) {
		at += (size_t)snprintf(line + at, size - at, ",\"path\":\"");
		at = put_json(line, at, size - 64, path);
		line[at++] = '"';
	}
	at += (size_t)snprintf(line + at, size - at, ",\"message\":\"");
	at = put_json(line, at, size - 8, text);
	memcpy(line + at, "\"}\n", 3);
	return at + 3;
}

static size_t format_text(char *line, size_t size, const char *path, const char *text)
{
	int n = path ? snprintf(line, size, "supd: %s: %s", path, text)
		     : snprintf(line, size, "supd: %s", text);
	size_t at = n < 0 ? 0 : (size_t)n;

	if (at > size - 1)
		at = size - 1;
	line[at] = '\n';
	return at + 1;
}

static void append(enum log_level level, const char *path, const char *text)
{
	char line[LINE_MAX_LEN + 512];
	size_t n = the_log.format == LOG_JSON ? format_json(line, sizeof(line), level, path, text)
					      : format_text(line, sizeof(line), path, text);

	if (the_log.n + n > BUFFER)
		log_flush();
	if (the_log.n + n > BUFFER) {
		the_log.lost++;
		return;
	}
	memcpy(the_log.buffer + the_log.n, line, n);
	the_log.n += n;
}

void log_message(enum log_level level, const char *path, const char *format, ...)
{
	char text[LINE_MAX_LEN];
	va_list args;

	if (level > the_log.level)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	append(level, path, text);
}

/* Returns false when stderr takes nothing now. */
static bool write_some(void)
{
	struct pollfd stderr_poll = {.fd = STDERR_FILENO, .events = POLLOUT};
	size_t chunk = the_log.n < CHUNK ? the_log.n : CHUNK;
	ssize_t written;

	if (poll(&stderr_poll, 1, 0) != 1)
		return false;
	written = write(STDERR_FILENO, the_log.buffer, chunk);
	if (written < 0 && errno == EAGAIN)
		return false;
	/* A stderr that is closed or broken swallows everything. */
	if (written <= 0)
		written = (ssize_t)the_log.n;
	the_log.n -= (size_t)written;
	memmove(the_log.buffer, the_log.buffer + written, the_log.n);
	return true;
}

void log_flush(void)
{
	while (the_log.n > 0 && write_some())
		;
	if (the_log.n == 0 && the_log.lost > 0) {
		unsigned long lost = the_log.lost;

		the_log.lost = 0;
		log_message(LOG_WARNING, NULL, "%lu messages were lost: stderr was not read", lost);
	}
}
