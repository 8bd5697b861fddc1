/* stages.h - where on the way from fork to exec a spawn failed (struct end, stage). */
#ifndef WIRE_STAGES_H
#define WIRE_STAGES_H

/* clang-format off */
#define SPAWN_STAGES(X) \
	X(FORK, "fork") \
	X(SETPGID, "setpgid") \
	X(SIGNALS, "signals") \
	X(LIMITS, "limits") \
	X(UMASK, "umask") \
	X(GROUPS, "groups") \
	X(GID, "gid") \
	X(UID, "uid") \
	X(DIRECTORY, "directory") \
	X(DESCRIPTORS, "descriptors") \
	X(EXEC, "exec") \
	X(MEMORY, "memory") \
	X(CGROUP, "cgroup") \
	X(TERMINAL, "terminal") \
	X(OOM_SCORE, "oom_score_adj") \
	X(CPUS, "cpu_affinity") \
	X(NICE, "nice") \
	X(IO_PRIORITY, "io_priority") \
	X(RESOURCES, "resources") \
	X(SANDBOX_SECCOMP, "sandbox.seccomp") \
	X(SANDBOX_CAPABILITIES, "sandbox.capabilities") \
	X(SANDBOX_AMBIENT, "sandbox.ambient") \
	X(SANDBOX_NO_NEW_PRIVS, "sandbox.no_new_privs") \
	X(SANDBOX_SECUREBITS, "sandbox.securebits") \
	X(SANDBOX_READ_ONLY, "sandbox.read_only_paths") \
	X(SANDBOX_WRITABLE, "sandbox.writable_paths") \
	X(SANDBOX_INACCESSIBLE, "sandbox.inaccessible_paths") \
	X(SANDBOX_PRIVATE_TMP, "sandbox.private_tmp") \
	X(SANDBOX_PRIVATE_DEV, "sandbox.private_dev") \
	X(SANDBOX_PRIVATE_NETWORK, "sandbox.private_network") \
	X(SANDBOX_NAMESPACES, "sandbox.namespaces") \
	X(SANDBOX_HOSTNAME, "sandbox.hostname") \
	X(SANDBOX_ROOT, "sandbox.root") \
	X(SANDBOX_LANDLOCK_READ, "sandbox.landlock_read") \
	X(SANDBOX_LANDLOCK_WRITE, "sandbox.landlock_write")
/* clang-format on */

#define SPAWN_ENUM_STAGE(id, text) STAGE_##id,
enum spawn_stage { SPAWN_STAGES(SPAWN_ENUM_STAGE) STAGE_COUNT };

/* Those of a sandbox stand in the order of enum sandbox_key (config/spec.h), without a gap. */

/* The name of a stage as Exit.stage shows it; "unknown" when out of range. */
const char *spawn_stage_name(unsigned stage);

#endif
