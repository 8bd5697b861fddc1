/* notify_text.c - see notify_text.h. */
#include "supervisor/wire/notify_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A hundred years, and errno's largest. */
#define MS_MAX ((int64_t)100 * 365 * 24 * 3600 * 1000)
enum { ERRNO_MAX = 4095, PID_MAX = 4 * 1024 * 1024 };

struct value {
	const char *at;
	size_t n;
};

static bool is(struct value value, const char *word)
{
	return value.n == strlen(word) && memcmp(value.at, word, value.n) == 0;
}

/* Decimal digits alone, up to max. Returns false when it is no such number. */
static bool number(struct value value, uint64_t max, uint64_t *ret)
{
	uint64_t sum = 0;

	if (value.n == 0 || value.n > 20)
		return false;
	for (size_t i = 0; i < value.n; i++) {
		uint64_t digit = (uint64_t)(unsigned char)value.at[i] - '0';

		if (digit > 9 || sum > (max - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*ret = sum;
	return true;
}

static void take_number(struct value value, uint64_t min, uint64_t max, int64_t *to)
{
	uint64_t n;

	if (*to == NOTIFY_NONE && number(value, max, &n) && n >= min)
		*to = (int64_t)n;
}

static void take_usec(struct value value, uint64_t min, int64_t *to_ms)
{
	int64_t usec = NOTIFY_NONE;

	take_number(value, min, (uint64_t)MS_MAX * 1000, &usec);
	if (usec != NOTIFY_NONE && *to_ms == NOTIFY_NONE)
		*to_ms = (usec + 999) / 1000;
}

/* LISTEN_FDNAMES separates them by colons, and they stand in an environment. */
static bool is_fd_name(struct value value)
{
	if (value.n == 0 || value.n > NOTIFY_FDNAME_MAX)
		return false;
	for (size_t i = 0; i < value.n; i++)
		if (value.at[i] <= ' ' || value.at[i] >= 0x7f || value.at[i] == ':')
			return false;
	return true;
}

static void take_text(struct value value, const char **to, size_t *to_n)
{
	if (*to)
		return;
	*to = value.at;
	*to_n = value.n;
}

static void take_flag(struct value value, const char *word, bool *to)
{
	*to |= is(value, word);
}

static void take_line(struct value name, struct value value, struct notify_text *to)
{
	int64_t error = NOTIFY_NONE;

	if (is(name, "READY")) {
		take_flag(value, "1", &to->ready);
	} else if (is(name, "RELOADING")) {
		take_flag(value, "1", &to->reloading);
	} else if (is(name, "STOPPING")) {
		take_flag(value, "1", &to->stopping);
	} else if (is(name, "WATCHDOG")) {
		take_flag(value, "1", &to->ping);
		take_flag(value, "trigger", &to->trigger);
	} else if (is(name, "STATUS")) {
		take_text(value, &to->status, &to->status_n);
	} else if (is(name, "MAINPID")) {
		take_number(value, 2, PID_MAX, &to->main_pid);
	} else if (is(name, "WATCHDOG_USEC")) {
		take_usec(value, 0, &to->watchdog_ms);
	} else if (is(name, "EXTEND_TIMEOUT_USEC")) {
		take_usec(value, 1, &to->extend_ms);
	} else if (is(name, "ERRNO")) {
		take_number(value, 1, ERRNO_MAX, &error);
		if (to->error == 0 && error != NOTIFY_NONE)
			to->error = (int)error;
	} else if (is(name, "FDSTORE")) {
		take_flag(value, "1", &to->fd_store);
	} else if (is(name, "FDSTOREREMOVE")) {
		take_flag(value, "1", &to->fd_remove);
	} else if (is(name, "FDPOLL")) {
		take_flag(value, "0", &to->fd_no_poll);
	} else if (is(name, "FDNAME") && is_fd_name(value)) {
		take_text(value, &to->fd_name, &to->fd_name_n);
	}
}

int notify_parse(const char *text, size_t n, struct notify_text *ret)
{
	struct notify_text said = {
		.main_pid = NOTIFY_NONE, .watchdog_ms = NOTIFY_NONE, .extend_ms = NOTIFY_NONE};

	/* Some senders count the end of their string in. */
	if (n > 0 && text[n - 1] == '\0')
		n--;
	if (n > 0 && memchr(text, '\0', n))
		return -EBADMSG;
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		size_t line = end ? (size_t)(end - text) : n;
		const char *equal = memchr(text, '=', line);
		size_t name = equal ? (size_t)(equal - text) : line;

		if (equal)
			take_line((struct value){text, name},
				(struct value){equal + 1, line - name - 1}, &said);
		n -= line + (end ? 1 : 0);
		text += line + (end ? 1 : 0);
	}
	*ret = said;
	return 0;
}

/* The bytes of the UTF-8 character at text, 0 when there is none: no overlong form, no surrogate,
 * nothing above U+10FFFF. */
static size_t character(const unsigned char *text, size_t n)
{
	unsigned char second_min = 0x80;
	unsigned char second_max = 0xbf;
	size_t length;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (length > n)
		return 0;
	if (text[0] == 0xe0)
		second_min = 0xa0;
	else if (text[0] == 0xf0)
		second_min = 0x90;
	else if (text[0] == 0xed)
		second_max = 0x9f;
	else if (text[0] == 0xf4)
		second_max = 0x8f;
	if (text[1] < second_min || text[1] > second_max)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* C0, DEL and, as two bytes, C1. */
static bool is_control(const unsigned char *text, size_t length)
{
	return text[0] < ' ' || text[0] == 0x7f ||
	       (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

char *notify_display(const char *text, size_t n, char *buf, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t used = 0;

	for (size_t i = 0; i < n;) {
		size_t length = character(at + i, n - i);
		bool good = length > 0 && !is_control(at + i, length);
		size_t room = good ? length : 1;

		if (used + room >= size)
			break;
		if (good)
			memcpy(buf + used, at + i, length);
		else
			buf[used] = '?';
		used += room;
		i += length > 0 ? length : 1;
	}
	buf[used] = '\0';
	return buf;
}

/* The part of text behind word, and the colon after it; NULL: it does not begin with it. */
static const char *behind(const char *text, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(text, word, n) != 0)
		return NULL;
	if (text[n] == '\0')
		return text + n;
	return strncmp(text + n, ": ", 2) == 0 ? text + n + 2 : NULL;
}

char *notify_status(const char *now, const struct notify_text *said, char *buf, size_t size)
{
	static const char *const DOES[] = {"reloading", "stopping"};
	const char *does = "";
	char own[64] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof(DOES) / sizeof(DOES[0]); i++) {
		const char *rest = behind(now, DOES[i]);

		if (rest) {
			does = DOES[i];
			now = rest;
			break;
		}
	}
	if (said->ready)
		does = "";
	else if (said->stopping)
		does = DOES[1];
	else if (said->reloading)
		does = DOES[0];
	if (said->status)
		(void)notify_display(said->status, said->status_n, own, sizeof(own));
	else if (said->error != 0)
		(void)snprintf(own, sizeof(own), "error: %s", strerror(said->error));
	else
		(void)notify_display(now, strlen(now), own, sizeof(own));
	(void)notify_display(does, strlen(does), buf, size);
	used = strlen(buf);
	if (used > 0 && own[0] && used + 2 < size) {
		memcpy(buf + used, ": ", 3);
		used += 2;
	}
	(void)notify_display(own, strlen(own), buf + used, size - used);
	return buf;
}
