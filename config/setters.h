/* setters.h - from a word to a setting: one function a kind of value (keys.c names them). */
#ifndef CONFIG_SETTERS_H
#define CONFIG_SETTERS_H

#include "config/keys.h"

/* clang-format off */
#define SETTERS(X) \
	X(set_string) X(set_choice) X(set_number) X(set_milli) X(set_period) X(set_timeout) \
	X(set_delay) X(set_shutdown) X(set_signal) X(set_umask) X(set_list) X(set_environment) \
	X(set_success_exit) X(set_backoff_off) X(set_partitions) X(set_ready) X(set_watchdog) \
	X(set_interval) X(set_health_off) \
	X(set_limit) X(set_resource) X(set_cpus) X(set_io_priority) \
	X(set_log_word) X(set_log_time) X(set_size) X(set_count) \
	X(set_capability) X(set_securebit) X(set_namespace) X(set_paths) X(set_hostname) \
	X(set_root) X(set_sandbox_off)
/* clang-format on */
#define SETTER_DECLARE(name)                                                       \
	void name(struct reading *r, struct record *record, const struct key *key, \
		const char *value, struct place place);
SETTERS(SETTER_DECLARE)
#undef SETTER_DECLARE

/* The choices of notify_access; index 1 is the group. */
const char *notify_access_name(unsigned v);

/* The choices of to in log. */
const char *log_choice_name(unsigned v);

/* "false", "true". */
const char *truth_name(unsigned v);

#endif
