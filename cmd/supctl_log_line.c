/* supctl_log_line.c - lines as suplog writes them, taken apart. */
#include "cmd/supctl_log_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/supctl.h"

enum { US = 1000000 };

/* ---- times */

static int digits(const char *text, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

bool log_time_parse(const char *text, size_t n, int64_t *ret_us)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	struct tm tm = {0};
	int us;

	if (n < sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	tm.tm_year = digits(text, 4) - 1900;
	tm.tm_mon = digits(text + 5, 2) - 1;
	tm.tm_mday = digits(text + 8, 2);
	tm.tm_hour = digits(text + 11, 2);
	tm.tm_min = digits(text + 14, 2);
	tm.tm_sec = digits(text + 17, 2);
	us = digits(text + 20, 6);
	*ret_us = (int64_t)timegm(&tm) * US + us;
	return true;
}

void log_time_format(int64_t us, char buf[static LOG_TIME_SIZE])
{
	const time_t seconds = (time_t)(us / US);
	struct tm tm;

	buf[0] = '\0';
	if (us >= 0 && gmtime_r(&seconds, &tm) && tm.tm_year < 8100)
		(void)snprintf(buf, LOG_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
			(unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
			(unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
			(unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100, (unsigned)(us % US));
}

/* ---- making one */

static struct log_line *make(const char *path, const char *text, size_t n)
{
	const size_t path_size = strlen(path) + 1;
	struct log_line *line = calloc(1, sizeof(*line) + path_size + n + 1);

	if (!line)
		return NULL;
	memcpy(line->bytes, path, path_size);
	if (n > 0)
		memcpy(line->bytes + path_size, text, n);
	line->path = line->bytes;
	line->text = line->bytes + path_size;
	line->n = n;
	return line;
}

static void set_word(char *to, size_t size, const char *word)
{
	(void)snprintf(to, size, "%s", word ? word : "");
}

/* Of a line that is not UTF-8 each byte from 0x80 on stands as the character of that number. */
static void to_bytes(struct log_line *line)
{
	char *to = line->bytes + (line->text - line->bytes);
	const unsigned char *from = (const unsigned char *)to;
	const unsigned char *end = from + line->n;
	char *at = to;

	while (from < end) {
		if ((*from == 0xc2 || *from == 0xc3) && from + 1 < end) {
			*at++ = (char)((*from & 3) << 6 | (from[1] & 0x3f));
			from += 2;
		} else {
			*at++ = (char)*from++;
		}
	}
	*at = '\0';
	line->n = (size_t)(at - to);
}

struct log_line *log_line_of_json(const json_t *record)
{
	const json_t *text = json_object_get(record, "line");
	const char *path = json_string_value(json_object_get(record, "path"));
	const char *time = json_string_value(json_object_get(record, "time"));
	struct log_line *line;

	if (!json_is_string(text))
		return NULL;
	line = make(path ? path : "", json_string_value(text), json_string_length(text));
	if (!line)
		return NULL;
	if (time && log_time_parse(time, strlen(time), &line->us))
		set_word(line->time, sizeof(line->time), time);
	set_word(line->stream, sizeof(line->stream),
		json_string_value(json_object_get(record, "stream")));
	line->truncated = json_is_true(json_object_get(record, "truncated"));
	line->continued = json_is_true(json_object_get(record, "continued"));
	if (json_is_true(json_object_get(record, "binary")))
		to_bytes(line);
	return line;
}

/* ---- lines of text */

/* "PATH   | ": returns the bytes of it, 0 when the line does not begin so. */
static size_t prefix_of(const char *path, const char *text, size_t n)
{
	size_t at = strlen(path);

	if (at > n || memcmp(text, path, at) != 0)
		return 0;
	while (at < n && text[at] == ' ')
		at++;
	if (at == strlen(path) || at + 1 >= n || (text[at] != '|' && text[at] != '!') ||
		text[at + 1] != ' ')
		return 0;
	return at + 2;
}

/* Who wrote it, by its prefix. Takes that off. NULL: nobody that is known. */
static const char *take_prefix(
	const struct log_form *form, const char **text, size_t *n, bool *ret_err)
{
	const char *path = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < form->n_paths; i++) {
		const size_t length = prefix_of(form->paths[i], *text, *n);

		if (length <= longest)
			continue;
		longest = length;
		path = form->paths[i];
	}
	if (path) {
		*ret_err = (*text)[longest - 2] == '!';
		*text += longest;
		*n -= longest;
	}
	return path;
}

static struct log_line *plain_line(
	const struct log_form *form, const char *text, size_t n, int64_t us)
{
	const char *path = form->n_paths == 1 ? form->paths[0] : "";
	char time[LOG_TIME_SIZE] = "";
	const char *who = NULL;
	bool err = false;
	struct log_line *line;

	if (form->times && log_time_parse(text, n, &us) && n >= LOG_TIME_SIZE) {
		(void)snprintf(time, sizeof(time), "%s", "");
		memcpy(time, text, sizeof(time) - 1);
		text += sizeof(time);
		n -= sizeof(time);
	}
	if (form->prefix)
		who = take_prefix(form, &text, &n, &err);
	line = make(who ? who : path, text, n);
	if (!line)
		return NULL;
	line->us = us;
	memcpy(line->time, time, sizeof(line->time));
	if (who)
		set_word(line->stream, sizeof(line->stream), err ? "err" : "out");
	return line;
}

struct log_line *log_line_of_text(
	const struct log_form *form, const char *text, size_t n, int64_t us)
{
	json_t *record = form->json ? json_loadb(text, n, 0, NULL) : NULL;
	struct log_line *line = record ? log_line_of_json(record) : NULL;

	json_decref(record);
	if (line && !line->time[0])
		line->us = us;
	return line ? line : plain_line(form, text, n, us);
}

/* ---- and as JSON again */

json_t *log_line_json(const struct log_line *line)
{
	json_t *text = json_stringn(line->text, line->n);
	const bool binary = !text;
	json_t *json;

	if (binary) {
		char *latin = malloc(line->n * 2 + 1);
		size_t at = 0;

		for (size_t i = 0; latin && i < line->n; i++) {
			const unsigned char byte = (unsigned char)line->text[i];

			if (byte >= 0x80)
				latin[at++] = (char)(0xc0 | byte >> 6);
			latin[at++] = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
		}
		text = latin ? json_stringn(latin, at) : NULL;
		free(latin);
	}
	json = json_pack("{s:o, s:o, s:o, s:o}", "time",
		line->time[0] ? json_string(line->time) : json_null(), "path",
		line->path[0] ? json_string(line->path) : json_null(), "stream",
		line->stream[0] ? json_string(line->stream) : json_null(), "line", text);
	if (json && ((line->truncated && json_object_set_new(json, "truncated", json_true()) < 0) ||
			    (line->continued &&
				    json_object_set_new(json, "continued", json_true()) < 0) ||
			    (binary && json_object_set_new(json, "binary", json_true()) < 0))) {
		json_decref(json);
		return NULL;
	}
	return json;
}
