/* keys.h - the words of the configuration: one table, a row a key.
 *
 * A new key is one row in keys.c (and one member of struct settings). The scanner learns from the
 * row where the key may stand and what shape its value has, libconfuse's tables are made from it,
 * the value goes to its setter, and a key that may stand in a process may stand in defaults. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "config/arena.h"
#include "config/findings.h"
#include "config/spec.h"

/* What a key stands in. */
enum context {
	IN_FILE,
	IN_SUPERVISOR,
	IN_DYNAMIC,
	IN_PARTITION,
	IN_PROCESS,
	IN_DEFAULTS,
	IN_BACKOFF,
	IN_HEALTH,
	IN_LIMITS,
	IN_RESOURCES,
	IN_CONTROL,
	IN_LOG,
	IN_SINK,
	IN_SANDBOX,
	CONTEXT_COUNT,
};

enum shape {
	SHAPE_VALUE,   /* key = value */
	SHAPE_LIST,    /* key = { value, value } or key = value */
	SHAPE_SECTION, /* key { ... } */
	SHAPE_TITLED,  /* key "name" { ... } */
};

enum { KEYS_MAX = 192 };

/* partitions = ncpu */
enum { PARTITIONS_NCPU = 0 };

/* The value of ready; fd counts with READY_FD only. */
struct ready_setting {
	int kind; /* enum ready_kind */
	int fd;
};

/* A setting that is a list, with the place of each item. */
struct list {
	struct strs values;
	struct strs files;
	uint32_t *lines;
	size_t lines_capacity;
};

/* The section health. */
struct health_settings {
	const char *exec; /* one of these three */
	const char *tcp;
	const char *http;
	int64_t interval_ms;
	int64_t timeout_ms;
	int64_t retries;
	int64_t start_period_ms;
};

/* What the value of log is: a word, or a section. */
enum log_value { LOG_INHERITED, LOG_NULL, LOG_SECTION };

/* Of to and prefix of a log: no file says it. */
enum { LOG_UNSAID = -1 };

/* The section log. */
struct log_settings {
	int value; /* enum log_value */
	int to;	   /* enum spec_log_to, or LOG_UNSAID */
	const char *file;
	int line;
	int prefix; /* bool, or LOG_UNSAID */
	int time;
	int streams;
	int64_t max_size; /* SPEC_INFINITY: no limit, as the next three */
	int64_t max_age_ms;
	int64_t max_files;
	int64_t max_line;
	int compress;
	int64_t mode;
	const char *owner; /* USER or USER:GROUP; NULL: nobody else */
	int on_full;
};

/* The section sandbox. */
struct sandbox_settings {
	const char *seccomp;
	struct list allow;
	struct list deny;
	int action; /* enum filter_action */
	uint64_t capabilities;
	uint64_t ambient;
	int no_new_privs;
	uint32_t securebits;
	struct list read_only_paths;
	struct list writable_paths;
	struct list inaccessible_paths;
	int private_tmp;
	int private_dev;
	int private_network;
	uint32_t namespaces; /* CLONE_NEW* */
	const char *hostname;
	const char *root;
	struct list landlock_read;
	struct list landlock_write;
	int optional;
};

struct limit_setting {
	struct spec_limit limit;
	bool set;
};

struct resource_setting {
	uint64_t value;
	uint32_t period_us; /* cpu_max */
	bool set;
};

/* nice and oom_score_adj: nothing is set. */
#define SETTING_NONE INT64_MIN

/* Every value of every key, as read. A section uses those of its context. */
struct settings {
	const char *runtime_dir;
	const char *log_user;
	/* control: who may ask supd; its group is settings.group */
	int64_t control_mode; /* -1: by what else is set */
	struct list control_role[SPEC_ROLES];
	const char *statsd; /* sink; its command is settings.command */
	/* any child */
	int restart;
	int64_t shutdown_ms;
	int significant;
	/* supervisor */
	int strategy;
	int64_t max_restarts;
	int64_t period_ms;
	int auto_shutdown;
	int on_limit;
	int64_t retry_after_ms;
	int start;
	int64_t max_children; /* dynamic */
	int64_t partitions;   /* partition; or PARTITIONS_NCPU */
	/* process */
	int64_t instances; /* 0: not several */
	const char *command;
	const char *directory;
	struct list environment;
	const char *environment_file;
	int64_t umask;
	const char *user;
	const char *group;
	struct list groups;
	struct list success_exit;
	int stop_signal;
	struct ready_setting ready;
	int notify_group;
	int64_t start_timeout_ms;
	int64_t watchdog_ms; /* 0: off */
	int watchdog_signal; /* 0: the stop signal */
	int reload_signal;
	const char *reload_command;
	const char *before_start;
	const char *after_stop;
	int64_t hook_timeout_ms;
	/* what a process runs in */
	struct limit_setting limit[LIMIT_COUNT];
	int64_t nice;	       /* or SETTING_NONE */
	int64_t oom_score_adj; /* or SETTING_NONE */
	uint32_t io_priority;  /* 0: not set */
	const char *cpus;
	struct list sockets;
	struct resource_setting resource[RESOURCE_COUNT];
	int standard_input;
	int terminal;
	/* backoff, of a process */
	int64_t initial_ms;
	int64_t max_ms;
	int64_t reset_after_ms;
	int64_t factor_milli;
	int64_t jitter_milli;
	struct health_settings health; /* of a process */
	struct log_settings log;       /* of a process */
	struct sandbox_settings sandbox;
};

/* A value of a section defaults, or of a section in it, as it was read. */
struct written {
	const struct key *key;
	const char *value; /* NULL: a section, or an empty list */
	struct place place;
	bool first; /* the first value of its statement */
	struct written *next;
};

/* A section as read: a supervisor, a process, its defaults, the file itself. */
struct record {
	enum context context;
	const char *name; /* NULL: it has none */
	struct place place;
	struct record *parent;
	struct record *first;
	struct record *last;
	struct record *next; /* sibling */
	struct record *defaults;
	struct record *sinks; /* file: the last one; their `next` leads to the one before */
	const struct record *effective; /* supervisor: what its processes inherit (build.c) */
	uint32_t node;			/* its number in the specification (build.c) */
	bool damaged; /* something in it was refused: do not complain of what is missing */
	bool implied; /* no file has it: the template of a dynamic supervisor that names none */
	struct written *written; /* defaults: all of it, in order */
	struct strs words;	 /* process: its command, in the place of settings.command */
	struct settings settings;
	struct place set_at[KEYS_MAX]; /* by number of key; file NULL: not set */
};

/* One reading. */
struct reading {
	struct arena arena;
	struct findings *findings;
};

struct key {
	const char *name;
	enum shape shape;
	unsigned where;	      /* bit c: may stand in context c */
	enum context opens;   /* sections: what the keys inside stand in */
	const char *as_value; /* a section that may also be a value: the key that takes the value
			       */
	bool internal;	      /* never written by people */
	void (*set)(struct reading *r, struct record *record, const struct key *key,
		const char *value, struct place place);
	size_t offset; /* of the member of struct settings */
	size_t size;
	const char *(*choice)(unsigned); /* set_choice */
	int64_t min;			 /* numbers */
	int64_t max;
};

/* The file of a place that no file has: what the contract sets. Compared by address. */
extern const char BUILT_IN[];

extern const struct key KEYS[];
extern const size_t KEYS_N;

/* The key called name (length bytes) that may stand in context; or, with context CONTEXT_COUNT,
 * anywhere. NULL: none. */
const struct key *key_find(enum context context, const char *name, size_t length);

/* The key that takes the value of a section that may be one. */
const struct key *key_as_value(const struct key *section);

/* The key of a process that a text names (length bytes): "KEY", or "SECTION.KEY", then with its
 * section in *ret_section (else NULL). NULL: there is none; *ret_section is the section whose key
 * it would be, if any. */
const struct key *key_of_process(const char *text, size_t length, const struct key **ret_section);

/* The section of a process that a key stands in, or NULL. */
const struct key *key_section(const struct key *key);

/* The number of a key in the table. */
size_t key_number(const struct key *key);

/* The key of context nearest to a misspelt word, or NULL. */
const char *key_nearest(enum context context, const char *word);

/* "in process", "at the top level", ... */
const char *context_where(enum context context);

/* Is what stands in context a supervisor of some kind? */
bool context_is_supervisor(enum context context);

/* Why a key has no place in context, for those that a person may well look for there; or NULL. */
const char *key_why_not(enum context context, const struct key *key);

/* Gives record one value of a key: setter, and a complaint when it was set before. first: the first
 * value of this statement (lists have more). */
void record_set(struct reading *r, struct record *record, const struct key *key, const char *value,
	struct place place, bool first);

/* Copies what from has set and to has not: the nearest wins. */
void record_inherit(struct record *to, const struct record *from, enum context context);

#endif
