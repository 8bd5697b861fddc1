/* units.c - numbers, durations, sizes and signal names, as people write them. */
#include "config/units.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/spec.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

enum { WORD_MAX = 40 };
static const int64_t DURATION_MAX_MS = INT64_C(100) * 366 * 24 * 3600 * 1000;

/* clang-format off */
static const struct {
	const char *name;
	int number;
} SIGNALS[] = {
	{"HUP", SIGHUP}, {"INT", SIGINT}, {"QUIT", SIGQUIT}, {"ILL", SIGILL}, {"TRAP", SIGTRAP},
	{"ABRT", SIGABRT}, {"BUS", SIGBUS}, {"FPE", SIGFPE}, {"KILL", SIGKILL}, {"USR1", SIGUSR1},
	{"SEGV", SIGSEGV}, {"USR2", SIGUSR2}, {"PIPE", SIGPIPE}, {"ALRM", SIGALRM}, {"TERM", SIGTERM},
	{"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD}, {"CONT", SIGCONT}, {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
	{"TTIN", SIGTTIN}, {"TTOU", SIGTTOU}, {"URG", SIGURG}, {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
	{"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH}, {"IO", SIGIO}, {"PWR", SIGPWR},
	{"SYS", SIGSYS},
	/* other names of the same numbers: read, never written */
	{"IOT", SIGABRT}, {"CLD", SIGCHLD}, {"POLL", SIGIO},
};
/* clang-format on */

/* Reads digits from *text on, moves *text behind them. Returns 0, -EINVAL (no digit) or -ERANGE. */
static int read_digits(const char **text, uint64_t *ret)
{
	const char *c = *text;
	uint64_t value = 0;

	if (!isdigit((unsigned char)*c))
		return -EINVAL;
	for (; isdigit((unsigned char)*c); c++) {
		if (__builtin_mul_overflow(value, 10u, &value) ||
			__builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
			return -ERANGE;
	}
	*text = c;
	*ret = value;
	return 0;
}

int parse_number(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *text == '-';
	uint64_t magnitude;
	int64_t value;

	if (*text == '-' || *text == '+')
		text++;
	int r = read_digits(&text, &magnitude);
	if (r == -EINVAL)
		return r;
	if (r == 0 && *text != '\0')
		return -EINVAL;
	if (r < 0 || magnitude > INT64_MAX)
		return -ERANGE;
	value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

/* Milliseconds of a unit, 0 when text is none. */
static int64_t unit_ms(const char *text)
{
	static const struct {
		const char *name;
		int64_t ms;
	} UNITS[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};

	for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
		if (strcmp(text, UNITS[i].name) == 0)
			return UNITS[i].ms;
	}
	return 0;
}

int parse_duration(const char *text, int64_t *ret_ms)
{
	uint64_t whole;
	int64_t fraction = 0;
	int64_t scale = 1;
	int64_t ms;
	int64_t unit;

	if (strcmp(text, "infinity") == 0) {
		*ret_ms = SPEC_INFINITY;
		return 0;
	}
	int r = read_digits(&text, &whole);
	if (r < 0)
		return r;
	if (*text == '.') {
		text++;
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		for (; isdigit((unsigned char)*text); text++) {
			if (scale >= INT64_C(1000000000))
				return -EINVAL;
			fraction = fraction * 10 + (*text - '0');
			scale *= 10;
		}
	}
	unit = unit_ms(text);
	if (unit == 0)
		return -EINVAL;
	if (whole > (uint64_t)(DURATION_MAX_MS / unit))
		return -ERANGE;
	/* Less than a millisecond is not a duration that supd can keep. */
	if (fraction * unit % scale != 0)
		return -EINVAL;
	ms = (int64_t)whole * unit + fraction * unit / scale;
	if (ms > DURATION_MAX_MS)
		return -ERANGE;
	*ret_ms = ms;
	return 0;
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char UNITS[] = "KMG";
	uint64_t value;
	int shift = 0;

	int r = read_digits(&text, &value);
	if (r < 0)
		return r;
	if (*text != '\0') {
		const char *unit = strchr(UNITS, *text);
		if (unit == NULL || text[1] != '\0')
			return -EINVAL;
		shift = 10 * (int)(unit - UNITS + 1);
	}
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*ret_bytes = value << shift;
	return 0;
}

/* "RTMIN", "RTMIN+3", "RTMAX-1"; base is what stands before the sign. */
static int parse_realtime(const char *text, const char *base, char sign, int64_t start)
{
	const int64_t span = SIGRTMAX - SIGRTMIN;
	const size_t length = strlen(base);
	int64_t offset = 0;

	if (strncasecmp(text, base, length) != 0)
		return -EINVAL;
	text += length;
	if (*text != '\0') {
		if (*text != sign || !isdigit((unsigned char)text[1]) ||
			parse_number(text + 1, 0, span, &offset) < 0)
			return -EINVAL;
	}
	return (int)(sign == '+' ? start + offset : start - offset);
}

int parse_signal(const char *text)
{
	int64_t number;
	int realtime;

	if (isdigit((unsigned char)*text)) {
		/* What lies between the two ranges belongs to the C library. */
		if (parse_number(text, 1, SIGRTMAX, &number) < 0 ||
			(number >= 32 && number < SIGRTMIN))
			return -EINVAL;
		return (int)number;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < ARRAY_LEN(SIGNALS); i++) {
		if (strcasecmp(text, SIGNALS[i].name) == 0)
			return SIGNALS[i].number;
	}
	realtime = parse_realtime(text, "RTMIN", '+', SIGRTMIN);
	if (realtime < 0)
		realtime = parse_realtime(text, "RTMAX", '-', SIGRTMAX);
	return realtime;
}

const char *signal_name(int signal, char buf[static 16])
{
	for (size_t i = 0; i < ARRAY_LEN(SIGNALS); i++) {
		if (SIGNALS[i].number == signal)
			return SIGNALS[i].name;
	}
	if (signal < SIGRTMIN || signal > SIGRTMAX)
		return "?";
	if (signal == SIGRTMIN)
		return "RTMIN";
	(void)snprintf(buf, 16, "RTMIN+%d", (signal - SIGRTMIN) & 0xff);
	return buf;
}

char *format_duration(int64_t ms, char buf[static 32])
{
	static const struct {
		int64_t ms;
		const char *name;
	} UNITS[] = {{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
	size_t i = 0;

	if (ms == SPEC_INFINITY || ms == SPEC_BRUTAL_KILL) {
		(void)snprintf(buf, 32, "%s", ms == SPEC_INFINITY ? "infinity" : "brutal_kill");
		return buf;
	}
	if (ms == 0) {
		(void)snprintf(buf, 32, "0s");
		return buf;
	}
	while (ms % UNITS[i].ms != 0)
		i++;
	(void)snprintf(buf, 32, "%lld%s", (long long)(ms / UNITS[i].ms), UNITS[i].name);
	return buf;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be added, removed, changed or swapped with their neighbour. Both words are
 * at most WORD_MAX long. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0];
	size_t *last = rows[1];
	size_t *row = rows[2];

	for (size_t j = 0; j <= b_length; j++) {
		last[j] = j;
		before[j] = 0;
	}
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
			row[j] = min_size(change, min_size(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min_size(row[j], before[j - 2] + 1);
		}
		size_t *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

const char *nearest_word(const char *text, const char *const *words, size_t n)
{
	const size_t length = strnlen(text, WORD_MAX + 1);
	const char *best = NULL;
	size_t limit = length / 3 > 1 ? length / 3 : 1;

	/* A word of two letters is as near to any other: no suggestion is better than a bad one. */
	if (length < 3 || length > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const size_t other = strnlen(words[i], WORD_MAX + 1);
		if (other > WORD_MAX || other + limit < length || length + limit < other)
			continue;
		size_t distance = edit_distance(text, length, words[i], other);
		if (distance > limit)
			continue;
		best = words[i];
		if (distance == 0)
			break;
		limit = distance - 1;
	}
	return best;
}
