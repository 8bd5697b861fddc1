/* log.h - supd's own messages, on stderr, for people.
 *
 * Messages are collected and written once a turn of the loop, and only when stderr takes them at
 * once: a terminal that was stopped with ^S or a pipe that nobody reads costs messages (counted,
 * and told later), never the supervisor's time. */
#ifndef OS_LOG_H
#define OS_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
#define LOG_LEVELS(X) \
	X(ERROR, "error") X(WARNING, "warning") X(NOTICE, "notice") X(INFO, "info") X(DEBUG, "debug")
/* clang-format on */

#define LOG_ENUM_LEVEL(id, text) LOG_##id,
enum log_level { LOG_LEVELS(LOG_ENUM_LEVEL) LOG_LEVEL_COUNT };

enum message_format { LOG_TEXT, LOG_JSON };

/* The only state that is global. */
void log_setup(enum log_level level, enum message_format format);

/* The level that a name means, or -EINVAL. */
int log_level_by_name(const char *name);

/* Adds a message. path: the child it is about, or NULL. text without a final newline. */
__attribute__((format(printf, 3, 4))) void log_message(
	enum log_level level, const char *path, const char *format, ...);

/* How messages go out, for whoever prints by other means: is it text, and does a level count? */
bool log_is_text(void);
bool log_wants(enum log_level level);

/* Writes what can be written without waiting. */
void log_flush(void);

#endif
