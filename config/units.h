/* units.h - numbers, durations, sizes and signal names, as people write them. Pure.
 *
 * Every number from outside (file, command line, message) passes one of these parsers. */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "config/spec.h"

/* A decimal number, optionally with a sign, and nothing else. Returns 0, -EINVAL (no number) or
 * -ERANGE. *ret is untouched on failure, as in all of these. */
int parse_number(const char *text, int64_t min, int64_t max, int64_t *ret);

/* "500ms", "5s", "2m", "1h", "1.5s", a bare number = seconds, "infinity" (SPEC_INFINITY), into
 * milliseconds. 0 is allowed. Returns 0, -EINVAL or -ERANGE (more than 100 years). */
int parse_duration(const char *text, int64_t *ret_ms);

/* "64K", "10M", "2G" (powers of 1024), a bare number = bytes. Returns 0, -EINVAL or -ERANGE. */
int parse_size(const char *text, uint64_t *ret_bytes);

/* "TERM", "SIGTERM", "term", "15", "RTMIN+3", "RTMAX-1" into a signal number. Returns it, or
 * -EINVAL. */
int parse_signal(const char *text);

/* "TERM", "RTMIN+3"; "?" for a number that is no signal. Writes into buf when it must, returns what
 * to print. */
const char *signal_name(int signal, char buf[static 16]);

/* The shortest exact form that parse_duration reads back ("500ms", "5s", "infinity"). Returns buf.
 */
char *format_duration(int64_t ms, char buf[static 32]);

/* "1024:4096" (soft, hard), one value for both, each in its unit (numbers; sizes; durations) or
 * "infinity", "unlimited". Returns 0, -EINVAL, -ERANGE, or -EDOM when soft is above hard. */
int parse_limit(const char *text, enum limit_unit unit, struct spec_limit *ret);

/* What parse_limit reads back. Returns buf. */
char *format_limit(const struct spec_limit *limit, enum limit_unit unit, char buf[static 80]);

/* A limit of a control group, as its key takes it: sizes; a weight from 1 to 10000; a number; of
 * cpu_max "150%" (of one CPU), "1.5" (CPUs) or microseconds and period as the kernel writes them
 * ("50000 100000"). "infinity" or "max": no limit, but for weights. Nothing is 0. *ret_period_us is
 * set for cpu_max only. Returns 0, -EINVAL or -ERANGE. */
int parse_resource(
	const char *text, enum resource resource, uint64_t *ret_value, uint32_t *ret_period_us);

/* What parse_resource reads back. Returns buf. */
char *format_resource(
	const struct resources_spec *resources, enum resource resource, char buf[static 48]);

/* "0-3,8": numbers of CPUs below SPEC_CPUS_MAX, as bits. Returns 0, -EINVAL or -ERANGE. */
int parse_cpus(const char *text, uint64_t ret[static SPEC_CPUS_MAX / 64]);

/* What parse_cpus reads back, as far as it fits. Returns buf. */
char *format_cpus(const uint64_t cpus[static SPEC_CPUS_MAX / 64], char *buf, size_t size);

/* "best-effort:4", "realtime:0", "idle" into what ioprio_set(2) takes; without level it is 4.
 * Returns 0, -EINVAL or -ERANGE. */
int parse_io_priority(const char *text, uint32_t *ret);

/* What parse_io_priority reads back; "" for none. Returns buf. */
char *format_io_priority(uint32_t priority, char buf[static 32]);

/* The word among n words nearest to text by edit distance, or NULL when none is near enough to be a
 * misspelling. */
const char *nearest_word(const char *text, const char *const *words, size_t n);

#endif
