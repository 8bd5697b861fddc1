/* strays.h - the processes of a child that are not in its process group.
 *
 * A process leaves the group of its child with setsid(2) or setpgid(2), and its parents, when they
 * die, make it an orphan: a child of supd, which is PID 1 or a subreaper. As long as its parents
 * live it is their business; as an orphan it is a stray, and ours. A child is gone when its strays
 * are, too.
 *
 * Which child a stray belongs to is told, in this order,
 * - by the control group, where children have one (cgroup.h): all of them are found;
 * - by having been seen below the child's process when its stop began;
 * - by its environment at its exec: SUPD_RUNTIME_DIR and SUPD_PATH.
 * So without control groups these escape: one that changed its environment and whose parents all
 * died before the stop began; one that may not be looked at (it runs as another user than supd,
 * which is not root); the children of a supervisor below supd that was killed. A process that gives
 * itself the SUPD_PATH of another child is swept when that one stops.
 *
 * Without control groups supd's own children are read through, which costs a microsecond for seven
 * of them: with many, not at each death, so one that is left is found a little later, at the next
 * look, and swept at the next stop of its child or at the end. */
#ifndef OS_STRAYS_H
#define OS_STRAYS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/spec.h"

struct strays;

/* What strays must ask: the row at exactly this path, or UINT32_MAX; is this process known, as the
 * leader of a child, a member of its group, or a helper? */
struct strays_asks {
	uint32_t (*row_at)(void *context, const char *path);
	bool (*known)(void *context, pid_t pid);
	void *context;
};

/* capacity: rows of the engine. runtime_dir and asks are borrowed. cgroups: every child gets one,
 * where there may be some; the log says whether. Else those with limits do. limits (bits of enum
 * resource): those that will be asked for, as far as is known. Returns NULL when memory ran out. */
struct strays *strays_new(uint32_t capacity, const char *runtime_dir,
	const struct strays_asks *asks, bool cgroups, uint32_t limits);

/* Kills what is known of them, removes the control groups. */
void strays_free(struct strays *strays);

/* A limit that could not be had. */
struct refused_limit {
	enum resource resource;
	const char *why; /* a static text */
};

/* A process of a child is about to start, with these limits, NULL: none. *ret_group: the directory
 * of its control group, a descriptor that the caller closes; -1 when it has none. Returns 0; or,
 * with limits only, negative errno and *ret_refused. */
int strays_enter(struct strays *strays, uint32_t row, const char *path,
	const struct resources_spec *limits, int *ret_group, struct refused_limit *ret_refused);

/* A process of the child has ended: has the kernel killed it, or another of the child's, for want
 * of memory? To be asked once an end. */
bool strays_oom(struct strays *strays, uint32_t row);

/* leader: the child's process while it lives, else 0; group: its process group; main: another that
 * is told by itself, with its own group, else 0. */
struct family {
	uint32_t row;
	pid_t leader;
	pid_t group;
	pid_t main;
};

/* Looks for orphans, if the row is one of those that are found in this way. With patient, a look
 * that is dear may be left out. */
void strays_look(struct strays *strays, uint32_t row, int64_t now_ms, bool patient);

/* Tells the strays, each once, that their child is being stopped with this signal; SIGKILL goes to
 * all processes of the child. To be repeated until they are gone: others may have become strays. */
void strays_tell(struct strays *strays, const struct family *family, int signal);

/* Is any process of the child left that is not in its group, as far as has been seen? */
bool strays_left(struct strays *strays, uint32_t row);

/* One of the processes that are left, in the group or not; 0: none is known. */
pid_t strays_one(struct strays *strays, const struct family *family);

/* Has the child a control group? Then nobody need look for its strays. */
bool strays_has_group(const struct strays *strays, uint32_t row);

/* Freezes or thaws the child's control group. Returns false when it has none. */
bool strays_freeze(struct strays *strays, uint32_t row, bool freeze);

/* The child is gone; rests: and will not start again by itself. */
void strays_gone(struct strays *strays, uint32_t row);
void strays_rest(struct strays *strays, uint32_t row);

#endif
