/* spec_sandbox.h - what a process may not do, as plain data: part of spec.h. */
#ifndef CONFIG_SPEC_SANDBOX_H
#define CONFIG_SPEC_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* The keys that can be refused, each by its own stage of a spawn. allow, deny and action belong to
 * seccomp. */
/* clang-format off */
#define SPEC_SANDBOX_KEYS(X) \
	X(SECCOMP, "seccomp") X(CAPABILITIES, "capabilities") X(AMBIENT, "ambient") \
	X(NO_NEW_PRIVS, "no_new_privs") X(SECUREBITS, "securebits") \
	X(READ_ONLY, "read_only_paths") X(WRITABLE, "writable_paths") \
	X(INACCESSIBLE, "inaccessible_paths") X(PRIVATE_TMP, "private_tmp") \
	X(PRIVATE_DEV, "private_dev") X(PRIVATE_NETWORK, "private_network") \
	X(NAMESPACES, "namespaces") X(HOSTNAME, "hostname") X(ROOT, "root") \
	X(LANDLOCK_READ, "landlock_read") X(LANDLOCK_WRITE, "landlock_write")
#define SPEC_ACTIONS(X) X(ERRNO, "errno") X(KILL, "kill") X(LOG, "log")
/* clang-format on */

#define SPEC_ENUM_SANDBOX(id, text) SANDBOX_##id,
#define SPEC_ENUM_ACTION(id, text) ACTION_##id,
enum sandbox_key { SPEC_SANDBOX_KEYS(SPEC_ENUM_SANDBOX) SANDBOX_KEY_COUNT };
enum filter_action { SPEC_ACTIONS(SPEC_ENUM_ACTION) ACTION_COUNT };

#define SANDBOX_BIT(key) (1u << (key))

/* Keys that need a mount namespace of the process's own. */
#define SANDBOX_MOUNT_KEYS                                                             \
	(SANDBOX_BIT(SANDBOX_READ_ONLY) | SANDBOX_BIT(SANDBOX_WRITABLE) |              \
		SANDBOX_BIT(SANDBOX_INACCESSIBLE) | SANDBOX_BIT(SANDBOX_PRIVATE_TMP) | \
		SANDBOX_BIT(SANDBOX_PRIVATE_DEV) | SANDBOX_BIT(SANDBOX_ROOT))

/* Keys that need a namespace of some kind. */
#define SANDBOX_SPACE_KEYS                                           \
	(SANDBOX_MOUNT_KEYS | SANDBOX_BIT(SANDBOX_PRIVATE_NETWORK) | \
		SANDBOX_BIT(SANDBOX_NAMESPACES) | SANDBOX_BIT(SANDBOX_HOSTNAME))

enum {
	SANDBOX_PATHS_MAX = 128,  /* of a list */
	SANDBOX_FILTER_MAX = 4096 /* instructions, as the kernel has it */
};

/* A path with what is done to it. */
enum sandbox_mount { MOUNT_READ_ONLY, MOUNT_WRITABLE, MOUNT_INACCESSIBLE, MOUNT_COUNT };

/* Interned, but for the places: equal settings in two places are two records. Who compares what
 * two sandboxes do leaves `place` out. Lists and strings are SPEC_NONE where the key is not set. */
struct sandbox_spec {
	uint64_t capabilities; /* bit N: capability N may be had */
	uint64_t ambient;
	uint32_t set;	     /* bit K: enum sandbox_key K is asked for */
	uint32_t namespaces; /* CLONE_NEW* of unshare(2): all that are needed */
	uint32_t named;	     /* those of them that `namespaces` names */
	uint32_t securebits; /* as PR_SET_SECUREBITS takes it */
	uint32_t filter;     /* list of numbers: the instructions of a struct sock_filter array */
	uint32_t profile;    /* what the filter was made from, as written: string, or SPEC_NONE */
	uint32_t allow;	     /* list of strings, or SPEC_NONE */
	uint32_t deny;	     /* the same */
	uint32_t mounts;     /* list of numbers, two a path, the shortest path first: its string,
				and enum sandbox_mount; a path that begins with '-' may be missing */
	uint32_t landlock_read; /* list of strings */
	uint32_t landlock_write;
	uint32_t hostname; /* string */
	uint32_t root;	   /* string */
	uint8_t action;	   /* enum filter_action: for what is not allowed */
	uint8_t optional;  /* bool: what cannot be had is told, and the process starts without it */
	uint8_t pad[2];
	struct sandbox_place {
		uint32_t file; /* string */
		uint32_t line;
	} place[SANDBOX_KEY_COUNT]; /* where each was set */
};

/* The names of keys, and of actions, as the configuration writes them; NULL when v is out of range.
 */
const char *spec_sandbox_key_name(unsigned v);
const char *spec_action_name(unsigned v);

struct sandbox_spec sandbox_spec_default(void);

#endif
