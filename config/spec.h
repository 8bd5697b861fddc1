/* spec.h - the specification of a tree: plain data in one flat block.
 *
 * A spec is one contiguous, position-independent block: a header, then records and strings, which
 * name each other by byte offset from the start of the block. It holds no pointer, so the child
 * process that reads the configuration can hand it over in a sealed memfd, and the same bytes serve
 * re-exec and recovery. Records that are equal are stored once (interned): ten thousand children
 * with the same settings share one child_spec and one proc_spec, and pay only for their node, their
 * name and their command.
 *
 * The words are OTP's (supervisor(3erl), "Child specification", "Supervisor flags"). */
#ifndef CONFIG_SPEC_H
#define CONFIG_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/spec_sandbox.h"

#define SPEC_MAGIC 0x63655073u /* "sPec" */
#define SPEC_VERSION 3u
#define SPEC_NONE UINT32_MAX /* no offset, no node */
#define SPEC_ROOT 0u	     /* the node number of the root supervisor */

enum { SPEC_NAME_MAX = 63, SPEC_DEPTH_MAX = 32, SPEC_NODES_MAX = 1000000 };

/* Values of shutdown_ms and of other durations besides a number of milliseconds >= 0. */
#define SPEC_INFINITY INT64_MAX
#define SPEC_BRUTAL_KILL ((int64_t)-1)

/* One table an enum; names are what the configuration and the status show. */
/* clang-format off */
#define SPEC_KINDS(X) \
	X(PROCESS, "process") X(SUPERVISOR, "supervisor") X(DYNAMIC, "dynamic") X(PARTITION, "partition")
#define SPEC_STRATEGIES(X) \
	X(ONE_FOR_ONE, "one_for_one") X(ONE_FOR_ALL, "one_for_all") X(REST_FOR_ONE, "rest_for_one")
#define SPEC_RESTARTS(X) \
	X(PERMANENT, "permanent") X(TRANSIENT, "transient") X(TEMPORARY, "temporary")
#define SPEC_AUTO_SHUTDOWNS(X) \
	X(NEVER, "never") X(ANY_SIGNIFICANT, "any_significant") X(ALL_SIGNIFICANT, "all_significant")
#define SPEC_ON_LIMITS(X) X(ESCALATE, "escalate") X(PARK, "park")
#define SPEC_START_MODES(X) X(SEQUENTIAL, "sequential") X(CONCURRENT, "concurrent")
#define SPEC_READIES(X) \
	X(EXEC, "exec") X(NOTIFY, "notify") X(EXIT, "exit") X(FD, "fd") X(PROBE, "probe")
#define SPEC_PROBES(X) X(EXEC, "exec") X(TCP, "tcp") X(HTTP, "http")
#define SPEC_STDINS(X) X(DEV_NULL, "null") X(INHERIT, "inherit")
#define SPEC_SOCKET_KINDS(X) X(TCP, "tcp") X(UDP, "udp") X(UNIX, "unix")
/* Where the output of a process goes that is neither inherited nor as it is: its log. */
#define SPEC_LOG_TOS(X) X(STDOUT, "stdout") X(FILE, "file") X(BOTH, "both") X(NOWHERE, "null")
#define SPEC_LOG_LINES(X) X(TEXT, "text") X(JSON, "json")
#define SPEC_LOG_TIMES(X) X(NONE, "none") X(RFC3339, "rfc3339")
#define SPEC_LOG_STREAMS(X) X(SPLIT, "split") X(MERGED, "merged")
#define SPEC_LOG_COMPRESSES(X) X(NONE, "none") X(GZIP, "gzip") X(ZSTD, "zstd")
#define SPEC_LOG_FULLS(X) X(BLOCK, "block") X(DROP, "drop")
/* The limits of setrlimit(2), each with the unit that it is written in. */
#define SPEC_LIMITS(X) \
	X(AS, "as", BYTES) X(CORE, "core", BYTES) X(CPU, "cpu", SECONDS) X(DATA, "data", BYTES) \
	X(FSIZE, "fsize", BYTES) X(LOCKS, "locks", NUMBER) X(MEMLOCK, "memlock", BYTES) \
	X(MSGQUEUE, "msgqueue", BYTES) X(NICE, "nice", NICE) X(NOFILE, "nofile", NUMBER) \
	X(NPROC, "nproc", NUMBER) X(RSS, "rss", BYTES) X(RTPRIO, "rtprio", PRIORITY) \
	X(RTTIME, "rttime", MICROSECONDS) X(SIGPENDING, "sigpending", NUMBER) X(STACK, "stack", BYTES)
/* The limits of a control group (cgroup v2), each with the kind of its value. */
#define SPEC_RESOURCES(X) \
	X(MEMORY_MAX, "memory_max", BYTES) X(MEMORY_HIGH, "memory_high", BYTES) \
	X(CPU_WEIGHT, "cpu_weight", WEIGHT) X(CPU_MAX, "cpu_max", TIME) \
	X(PIDS_MAX, "pids_max", NUMBER) X(IO_WEIGHT, "io_weight", WEIGHT)
/* clang-format on */

#define SPEC_ENUM_KIND(id, text) KIND_##id,
#define SPEC_ENUM_STRATEGY(id, text) STRATEGY_##id,
#define SPEC_ENUM_RESTART(id, text) RESTART_##id,
#define SPEC_ENUM_AUTO(id, text) AUTO_SHUTDOWN_##id,
#define SPEC_ENUM_LIMIT(id, text) ON_LIMIT_##id,
#define SPEC_ENUM_MODE(id, text) START_##id,
#define SPEC_ENUM_READY(id, text) READY_##id,
#define SPEC_ENUM_PROBE(id, text) PROBE_##id,
#define SPEC_ENUM_STDIN(id, text) STDIN_##id,
#define SPEC_ENUM_SOCKET(id, text) SOCKET_##id,
#define SPEC_ENUM_LIMIT_NAME(id, text, unit) LIMIT_##id,
#define SPEC_ENUM_LOG_TO(id, text) SPEC_LOG_TO_##id,
#define SPEC_ENUM_LOG_LINE(id, text) SPEC_LOG_LINE_##id,
#define SPEC_ENUM_LOG_TIME(id, text) SPEC_LOG_TIME_##id,
#define SPEC_ENUM_LOG_STREAMS(id, text) SPEC_LOG_STREAMS_##id,
#define SPEC_ENUM_LOG_COMPRESS(id, text) SPEC_LOG_COMPRESS_##id,
#define SPEC_ENUM_LOG_FULL(id, text) SPEC_LOG_FULL_##id,
#define SPEC_ENUM_RESOURCE(id, text, unit) RESOURCE_##id,
enum spec_kind { SPEC_KINDS(SPEC_ENUM_KIND) KIND_COUNT };
enum strategy { SPEC_STRATEGIES(SPEC_ENUM_STRATEGY) STRATEGY_COUNT };
enum restart_type { SPEC_RESTARTS(SPEC_ENUM_RESTART) RESTART_COUNT };
enum auto_shutdown { SPEC_AUTO_SHUTDOWNS(SPEC_ENUM_AUTO) AUTO_SHUTDOWN_COUNT };
enum on_limit { SPEC_ON_LIMITS(SPEC_ENUM_LIMIT) ON_LIMIT_COUNT };
enum start_mode { SPEC_START_MODES(SPEC_ENUM_MODE) START_COUNT };
enum ready_kind { SPEC_READIES(SPEC_ENUM_READY) READY_COUNT };
enum probe_kind { SPEC_PROBES(SPEC_ENUM_PROBE) PROBE_COUNT };
enum stdin_kind { SPEC_STDINS(SPEC_ENUM_STDIN) STDIN_COUNT };
enum socket_kind { SPEC_SOCKET_KINDS(SPEC_ENUM_SOCKET) SOCKET_COUNT };
enum limit { SPEC_LIMITS(SPEC_ENUM_LIMIT_NAME) LIMIT_COUNT };
enum spec_log_to { SPEC_LOG_TOS(SPEC_ENUM_LOG_TO) SPEC_LOG_TO_COUNT };
enum spec_log_line { SPEC_LOG_LINES(SPEC_ENUM_LOG_LINE) SPEC_LOG_LINE_COUNT };
enum spec_log_time { SPEC_LOG_TIMES(SPEC_ENUM_LOG_TIME) SPEC_LOG_TIME_COUNT };
enum spec_log_streams { SPEC_LOG_STREAMS(SPEC_ENUM_LOG_STREAMS) SPEC_LOG_STREAMS_COUNT };
enum spec_log_compress { SPEC_LOG_COMPRESSES(SPEC_ENUM_LOG_COMPRESS) SPEC_LOG_COMPRESS_COUNT };
enum spec_log_full { SPEC_LOG_FULLS(SPEC_ENUM_LOG_FULL) SPEC_LOG_FULL_COUNT };
enum resource { SPEC_RESOURCES(SPEC_ENUM_RESOURCE) RESOURCE_COUNT };
enum limit_unit {
	LIMIT_IN_NUMBER,
	LIMIT_IN_BYTES,
	LIMIT_IN_SECONDS,
	LIMIT_IN_MICROSECONDS,
	LIMIT_IN_NICE,	   /* 0 to 40: down to the nice value 20 - N */
	LIMIT_IN_PRIORITY, /* 0 to 99 */
};

/* Delay before a restart (INTERFACE, backoff). initial_ms == 0: at once, as OTP does. */
struct spec_backoff {
	int64_t initial_ms;
	int64_t max_ms;
	int64_t reset_after_ms; /* staying up so long ends the streak */
	uint32_t factor_milli;	/* 2000 = x 2 */
	uint32_t jitter_milli;	/* 100 = each delay varied by up to +- 10 % */
};

/* What the engine must know of any child, process or supervisor. Interned. */
struct child_spec {
	int64_t shutdown_ms;	  /* SPEC_BRUTAL_KILL, a time >= 0, or SPEC_INFINITY */
	int64_t watchdog_ms;	  /* a ping is expected at least so often; 0 = off */
	int64_t hook_timeout_ms;  /* after_stop; before_start counts to the start */
	int64_t start_timeout_ms; /* not ready by then = a failed start; SPEC_INFINITY = no limit */
	struct spec_backoff backoff;
	uint64_t success_signals;     /* bit N-1: death by signal N counts as a normal exit */
	uint32_t success_statuses[8]; /* bit N: exit status N counts as normal; 0 always does, set
					 or not */
	uint8_t restart;	      /* enum restart_type */
	uint8_t ready;		      /* enum ready_kind */
	uint8_t significant;	      /* bool */
	uint8_t before_start;	      /* bool: there is such a hook (proc_spec has its command) */
	uint8_t after_stop;	      /* bool */
	uint8_t pad[3];		      /* zero: interning compares bytes */
};

/* What the engine must know of a supervisor beyond child_spec. Interned. */
struct sup_spec {
	int64_t period_ms;	/* max_seconds */
	int64_t retry_after_ms; /* with ON_LIMIT_PARK; SPEC_INFINITY = only by command */
	uint32_t intensity;	/* max_restarts */
	uint32_t max_children;	/* dynamic: instances at once; else 0 */
	uint32_t partitions;	/* partition: how many; else 0 */
	uint32_t defaults;	/* list of offsets of struct setting_spec: its section defaults, for
				   children that come at run time; SPEC_NONE: no such section */
	uint8_t strategy;	/* enum strategy */
	uint8_t auto_shutdown;	/* enum auto_shutdown */
	uint8_t on_limit;	/* enum on_limit */
	uint8_t start;		/* enum start_mode */
	uint8_t pad[4];		/* zero */
};

/* One value of a section defaults, as it was read. Interned. */
struct setting_spec {
	uint32_t key;	/* string: "KEY", or "SECTION.KEY" */
	uint32_t value; /* string; SPEC_NONE: a section, or an empty list */
	uint32_t file;	/* string: where it was written */
	uint32_t line;
	uint32_t more; /* bool: one more value of the list before it */
};

/* The descriptors that ready = fd:N may name. */
enum { READY_FD_MIN = 3, READY_FD_MAX = 1023 };

/* The health check of a process. Interned. */
struct health_spec {
	int64_t interval_ms;	 /* from one check to the next, varied by 10 % */
	int64_t timeout_ms;	 /* one that takes longer has failed */
	int64_t start_period_ms; /* running for less than that, failures do not count */
	uint32_t retries;	 /* so many failures in a row: it is unhealthy */
	uint32_t words; /* list of strings. PROBE_EXEC: the command; else one, what to connect
			   to. Specifiers as in argv of struct spec_node */
	uint8_t probe;	/* enum probe_kind */
	uint8_t pad[7];
};

#define PROC_UMASK_INHERIT UINT32_MAX
#define PROC_ID_INHERIT UINT32_MAX

/* How a process is run; the engine never looks at it. Interned. Offsets of strings and lists, or
 * SPEC_NONE. */
struct proc_spec {
	uint32_t directory;   /* string; SPEC_NONE = inherited */
	uint32_t environment; /* list of "NAME=value": the whole environment but for what supd adds
				 at each start */
	uint32_t umask;	      /* or PROC_UMASK_INHERIT */
	uint32_t uid;	      /* or PROC_ID_INHERIT */
	uint32_t gid;	      /* or PROC_ID_INHERIT */
	uint32_t groups;      /* offset of a list of numbers (struct spec_list of gids), SPEC_NONE =
				 inherited */
	uint32_t health;      /* offset of a struct health_spec, SPEC_NONE = no check */
	uint32_t before_start;	 /* list of words, as reload_command; SPEC_NONE: no such hook */
	uint32_t after_stop;	 /* the same */
	int32_t stop_signal;	 /* SIGTERM unless set */
	int32_t watchdog_signal; /* the stop signal unless set */
	int32_t reload_signal;	 /* SIGHUP unless set */
	uint32_t reload_command; /* list of words, specifiers expanded as in the command of the
				    node; SPEC_NONE: the signal is all */
	int32_t ready_fd;	 /* READY_FD: the descriptor, READY_FD_MIN and above; else -1 */
	uint8_t notify_group;	/* notify_access = group: messages of any process of the group count
				 */
	uint8_t notify;		/* bool: it gets NOTIFY_SOCKET */
	uint8_t standard_input; /* enum stdin_kind */
	uint8_t terminal;	/* bool: it has supd's terminal while it runs */
	uint32_t surroundings; /* offset of a struct surroundings_spec; SPEC_NONE = all inherited */
	uint32_t sockets;      /* list of offsets of struct socket_spec; SPEC_NONE = none */
	uint32_t log;	       /* offset of a struct log_spec; SPEC_NONE: its output is inherited */
	uint32_t resources;    /* offset of a struct resources_spec; SPEC_NONE = no limits */
	uint32_t sandbox;      /* offset of a struct sandbox_spec; SPEC_NONE = none */
};

#define SPEC_LOG_NO_LIMIT UINT64_MAX
#define SPEC_LOG_ALL_FILES UINT32_MAX
enum { SPEC_LOG_LINE_MIN = 256, SPEC_LOG_LINE_MAX = 65536, SPEC_LOG_SIZE_MIN = 4096 };

/* What becomes of the output of a process (suplog). Interned. */
struct log_spec {
	uint64_t max_size;  /* bytes; a file that has more is rotated; SPEC_LOG_NO_LIMIT */
	int64_t max_age_ms; /* since its first line; SPEC_INFINITY */
	uint32_t file; /* string, SPEC_NONE with SPEC_LOG_TO_STDOUT and SPEC_LOG_TO_NOWHERE. Of a
			  dynamic supervisor's template: specifiers as written */
	uint32_t max_files; /* old ones that are kept; SPEC_LOG_ALL_FILES */
	uint32_t max_line;  /* bytes; a longer line is split */
	uint32_t mode;	    /* of the file */
	uint32_t uid;	    /* of the file; or PROC_ID_INHERIT */
	uint32_t gid;	    /* of the file; or PROC_ID_INHERIT */
	uint8_t to; /* enum spec_log_to; SPEC_LOG_TO_NOWHERE: /dev/null, and nothing else counts */
	uint8_t line;	  /* enum spec_log_line */
	uint8_t prefix;	  /* bool: text lines begin with the child's path */
	uint8_t time;	  /* enum spec_log_time: and before that with the time */
	uint8_t streams;  /* enum spec_log_streams: stdout and stderr have one pipe, or two */
	uint8_t compress; /* enum spec_log_compress: old files */
	uint8_t on_full;  /* enum spec_log_full: where what it goes to takes no more */
	uint8_t pad;
};

#define SPEC_LIMIT_INFINITY UINT64_MAX
enum { SPEC_CPUS_MAX = 1024, SPEC_SOCKETS_MAX = 256 /* of a process */ };

struct spec_limit {
	uint64_t soft; /* in its unit, or SPEC_LIMIT_INFINITY */
	uint64_t hard;
};

/* What else a process runs in: limits and places in queues. Interned. */
struct surroundings_spec {
	struct spec_limit limit[LIMIT_COUNT];
	uint64_t cpus[SPEC_CPUS_MAX / 64]; /* bit N: it may run on CPU N */
	uint32_t limits;		   /* bit N: limit[N] is set */
	int32_t nice;
	int32_t oom_score_adj;
	uint32_t io_priority; /* as ioprio_set(2) takes it; 0 = inherited */
	uint8_t set_nice;     /* bool */
	uint8_t set_oom;
	uint8_t set_cpus;
	uint8_t pad[5];
};

/* The limits of the control group of a process. Interned. */
struct resources_spec {
	/* Bytes, a weight, a number; cpu_max: microseconds of cpu_period_us. Or
	 * SPEC_LIMIT_INFINITY. */
	uint64_t value[RESOURCE_COUNT];
	uint32_t set; /* bit N: value[N] is set */
	uint32_t cpu_period_us;
	/* Where the key stands: so many lines below that of its process, 0: elsewhere. A line of
	 * its own would make every process another one when a line is added above it. */
	uint16_t line[RESOURCE_COUNT];
	uint8_t pad[4];
};

#define SOCKET_MODE_UMASK UINT32_MAX

/* A socket that supd opens and keeps. Interned. */
struct socket_spec {
	uint32_t text;	  /* string: as it was written, specifiers expanded */
	uint32_t address; /* string: the same without its options */
	uint32_t path;	  /* string: of unix, '@' first: an abstract name; else SPEC_NONE */
	uint32_t name;	  /* string: in LISTEN_FDNAMES */
	uint32_t file;	  /* string: where it was written */
	uint32_t line;
	uint32_t mode;	   /* unix; or SOCKET_MODE_UMASK */
	uint32_t uid;	   /* unix; or PROC_ID_INHERIT */
	uint32_t gid;	   /* unix; or PROC_ID_INHERIT */
	uint32_t backlog;  /* as listen(2) takes it */
	uint32_t type;	   /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	uint16_t port;	   /* tcp, udp */
	uint8_t kind;	   /* enum socket_kind */
	uint8_t family;	   /* 4, 6, or 0: every address of both */
	uint8_t reuseport; /* bool: each process has a socket of its own */
	uint8_t pad[3];
	uint8_t host[16]; /* of family, in network order */
};

/* Who may ask supd what: observers, operators, admins, in this order (INTERFACE, section 5). */
enum { SPEC_ROLES = 3 };

/* The section control. Interned. */
struct control_spec {
	uint32_t mode;		     /* of the control socket */
	uint32_t gid;		     /* of the control socket, or PROC_ID_INHERIT */
	uint32_t users[SPEC_ROLES];  /* lists of numbers; SPEC_NONE: none */
	uint32_t groups[SPEC_ROLES]; /* the same */
};

/* Who gets the events: a command on its standard input, or a statsd server. One of both is set.
 * Interned. */
struct sink_spec {
	uint32_t name;	 /* string */
	uint32_t argv;	 /* list of strings, at least one; SPEC_NONE */
	uint32_t statsd; /* string: HOST:PORT or PORT; SPEC_NONE */
};

/* A list: n, then n words; each word is the offset of a string, or a number. */
struct spec_list {
	uint32_t n;
	uint32_t item[];
};

/* One child of the tree. Nodes stand in file order, parents before their children (preorder). A
 * dynamic supervisor has exactly one child here: its template, which never runs itself. */
struct spec_node {
	uint32_t name;	       /* string; unique among its siblings, no '/' */
	uint32_t parent;       /* node number; SPEC_NONE for the root */
	uint32_t first_child;  /* node number or SPEC_NONE */
	uint32_t next_sibling; /* node number or SPEC_NONE */
	uint32_t children;     /* how many */
	uint32_t child;	       /* offset of a struct child_spec; always there */
	uint32_t sup;	       /* offset of a struct sup_spec; SPEC_NONE for a process */
	uint32_t proc;	       /* offset of a struct proc_spec; SPEC_NONE for a supervisor */
	uint32_t argv; /* list of strings, at least one, specifiers expanded; SPEC_NONE for a
			  supervisor. Of a dynamic supervisor's template: specifiers as written, and
			  it may be empty: the words come with each instance */
	uint32_t file; /* string: the file that defines it, for messages */
	uint32_t line;
	uint8_t kind;	/* enum spec_kind */
	uint8_t repeat; /* bool: made from the same section as the sibling before it (an instance, a
			   partition) */
	uint8_t pad[2];
};

struct spec {
	uint32_t magic;
	uint32_t version;
	uint64_t size;	      /* of the whole block, bytes */
	uint32_t nodes;	      /* how many; node 0 is the root supervisor */
	uint32_t nodes_at;    /* offset of the array of struct spec_node */
	uint32_t runtime_dir; /* string, or SPEC_NONE when the file does not set it */
	uint32_t file;	      /* string: the configuration file */
	uint32_t control;     /* offset of a struct control_spec; SPEC_NONE: no such section */
	uint32_t sinks;	      /* list of offsets of struct sink_spec; SPEC_NONE: none */
	uint32_t log_uid;     /* whom suplog becomes; PROC_ID_INHERIT: it stays who supd is */
	uint32_t log_gid;
};

/* Accessors. They trust offsets: a block that came from another process goes through spec_check
 * first. */
static inline const struct spec_node *spec_node(const struct spec *spec, uint32_t i)
{
	return (const struct spec_node *)(const void *)((const char *)spec + spec->nodes_at) + i;
}

static inline const char *spec_str(const struct spec *spec, uint32_t offset)
{
	return (const char *)spec + offset;
}

static inline const struct spec_list *spec_list(const struct spec *spec, uint32_t offset)
{
	return (const struct spec_list *)(const void *)((const char *)spec + offset);
}

static inline const struct child_spec *spec_child(const struct spec *spec, uint32_t i)
{
	return (const struct child_spec *)(const void *)((const char *)spec +
							 spec_node(spec, i)->child);
}

static inline const struct sup_spec *spec_sup(const struct spec *spec, uint32_t i)
{
	return (const struct sup_spec *)(const void *)((const char *)spec +
						       spec_node(spec, i)->sup);
}

static inline const struct surroundings_spec *spec_surroundings(
	const struct spec *spec, uint32_t offset)
{
	return (const struct surroundings_spec *)(const void *)((const char *)spec + offset);
}

static inline const struct sandbox_spec *spec_sandbox(const struct spec *spec, uint32_t offset)
{
	return (const struct sandbox_spec *)(const void *)((const char *)spec + offset);
}

static inline const struct socket_spec *spec_socket(const struct spec *spec, uint32_t offset)
{
	return (const struct socket_spec *)(const void *)((const char *)spec + offset);
}

static inline const struct proc_spec *spec_proc(const struct spec *spec, uint32_t i)
{
	return (const struct proc_spec *)(const void *)((const char *)spec +
							spec_node(spec, i)->proc);
}

static inline const struct setting_spec *spec_setting(const struct spec *spec, uint32_t offset)
{
	return (const struct setting_spec *)(const void *)((const char *)spec + offset);
}

/* Of a process; NULL: its control group, if any, has no limits. */
static inline const struct resources_spec *spec_resources(const struct spec *spec, uint32_t i)
{
	uint32_t offset = spec_proc(spec, i)->resources;

	if (offset == SPEC_NONE)
		return NULL;
	return (const struct resources_spec *)(const void *)((const char *)spec + offset);
}

/* Of a process; NULL: it has no health check. */
static inline const struct health_spec *spec_health(const struct spec *spec, uint32_t i)
{
	uint32_t offset = spec_proc(spec, i)->health;

	if (offset == SPEC_NONE)
		return NULL;
	return (const struct health_spec *)(const void *)((const char *)spec + offset);
}

/* NULL: the file has no such section. */
static inline const struct control_spec *spec_control(const struct spec *spec)
{
	if (spec->control == SPEC_NONE)
		return NULL;
	return (const struct control_spec *)(const void *)((const char *)spec + spec->control);
}

/* Of a process; NULL: its output is inherited. */
static inline const struct log_spec *spec_log(const struct spec *spec, uint32_t i)
{
	uint32_t offset = spec_proc(spec, i)->log;

	if (offset == SPEC_NONE)
		return NULL;
	return (const struct log_spec *)(const void *)((const char *)spec + offset);
}

static inline uint32_t spec_sinks(const struct spec *spec)
{
	return spec->sinks == SPEC_NONE ? 0 : spec_list(spec, spec->sinks)->n;
}

static inline const struct sink_spec *spec_sink(const struct spec *spec, uint32_t i)
{
	uint32_t offset = spec_list(spec, spec->sinks)->item[i];

	return (const struct sink_spec *)(const void *)((const char *)spec + offset);
}

/* Names of enum values as the configuration writes them; NULL when v is out of range. */
const char *spec_kind_name(unsigned v);
const char *spec_strategy_name(unsigned v);
const char *spec_restart_name(unsigned v);
const char *spec_auto_shutdown_name(unsigned v);
const char *spec_on_limit_name(unsigned v);
const char *spec_start_name(unsigned v);
const char *spec_ready_name(unsigned v);
const char *spec_probe_name(unsigned v);
const char *spec_stdin_name(unsigned v);
const char *spec_socket_kind_name(unsigned v);
const char *spec_limit_name(unsigned v);
enum limit_unit spec_limit_unit(enum limit limit);
const char *spec_log_to_name(unsigned v);
const char *spec_log_line_name(unsigned v);
const char *spec_log_time_name(unsigned v);
const char *spec_log_streams_name(unsigned v);
const char *spec_log_compress_name(unsigned v);
const char *spec_log_full_name(unsigned v);
const char *spec_resource_name(unsigned v);

/* The defaults of INTERFACE section 2; restart permanent, shutdown 5 s (infinity for a supervisor).
 */
struct child_spec child_spec_default(enum spec_kind kind);
struct sup_spec sup_spec_default(void);
struct proc_spec proc_spec_default(void);
struct health_spec health_spec_default(void);
struct log_spec log_spec_default(void);

/* Checks a block of size bytes: magic, version, every offset, list and string inside it, links of
 * the tree. Returns 0, or -EINVAL with *ret_why (a static text) saying what is wrong. Linear,
 * allocates nothing. */
int spec_check(const void *block, size_t size, const char **ret_why);

/* Builds a block. Nodes are added in preorder; everything given is copied, equal records are stored
 * once. Every function that returns an offset returns SPEC_NONE when memory ran out, and the
 * builder remembers: spec_build_finish then fails, so a caller may check once. */
struct spec_builder;
struct spec_builder *spec_builder_new(void);
void spec_builder_free(struct spec_builder *b);
uint32_t spec_add_str(struct spec_builder *b, const char *text);
uint32_t spec_add_strs(
	struct spec_builder *b, const char *const *strs, size_t n); /* list of strings */
uint32_t spec_add_numbers(struct spec_builder *b, const uint32_t *numbers, size_t n);
uint32_t spec_add_child(struct spec_builder *b, const struct child_spec *child);
uint32_t spec_add_sup(struct spec_builder *b, const struct sup_spec *sup);
uint32_t spec_add_proc(struct spec_builder *b, const struct proc_spec *proc);
uint32_t spec_add_health(struct spec_builder *b, const struct health_spec *health);
uint32_t spec_add_log(struct spec_builder *b, const struct log_spec *log);
uint32_t spec_add_surroundings(
	struct spec_builder *b, const struct surroundings_spec *surroundings);
uint32_t spec_add_resources(struct spec_builder *b, const struct resources_spec *resources);
uint32_t spec_add_socket(struct spec_builder *b, const struct socket_spec *socket);
uint32_t spec_add_sandbox(struct spec_builder *b, const struct sandbox_spec *sandbox);
uint32_t spec_add_setting(struct spec_builder *b, const struct setting_spec *setting);

/* Adds a node below node number parent (SPEC_NONE: the root, first of all), as its last child. Of
 * *node the caller sets name, child, sup, proc, argv, file, line, kind; the links are made here.
 * Returns its number. */
uint32_t spec_add_node(struct spec_builder *b, uint32_t parent, const struct spec_node *node);
void spec_set_runtime_dir(struct spec_builder *b, const char *dir);
void spec_set_file(struct spec_builder *b, const char *file);
void spec_set_log_user(struct spec_builder *b, uint32_t uid, uint32_t gid);
void spec_set_control(struct spec_builder *b, const struct control_spec *control);
uint32_t spec_add_sink(struct spec_builder *b, const struct sink_spec *sink);
void spec_set_sinks(struct spec_builder *b, const uint32_t *sinks, size_t n);

/* Returns the finished block (malloc, *ret_size bytes; the caller frees it), or NULL when memory
 * ran out. */
struct spec *spec_build_finish(struct spec_builder *b, size_t *ret_size);

#endif
