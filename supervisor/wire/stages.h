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
	X(RESOURCES, "resources")
/* clang-format on */

#define SPAWN_ENUM_STAGE(id, text) STAGE_##id,
enum spawn_stage { SPAWN_STAGES(SPAWN_ENUM_STAGE) STAGE_COUNT };

/* The name of a stage as Exit.stage shows it; "unknown" when out of range. */
const char *spawn_stage_name(unsigned stage);

#endif
