/* supctl_snapshot.h - one consistent reading of DIR/status (status_table.h, supd-status(5)).
 *
 * The table is read without a word to supd, and believed only as far as it can be checked: sizes
 * against the file's, links against each other. */
#ifndef CMD_SUPCTL_SNAPSHOT_H
#define CMD_SUPCTL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/status_table.h"

/* Room for the longest path: depth_max names, each with a '/'. */
enum { SNAPSHOT_DEPTH_MAX = 64, SNAPSHOT_PATH_SIZE = SNAPSHOT_DEPTH_MAX * STATUS_NAME_SIZE + 1 };

/* Whether somebody still keeps the table up to date. */
enum liveness {
	SUPD_ALIVE,
	SUPD_STOPPED, /* SIGSTOP, or a debugger */
	SUPD_ENDED,   /* in good order: header.exit_status is its exit status */
	SUPD_GONE,    /* killed, or crashed */
};

/* A record in tree order, parents before their children. Positions are indexes into nodes. */
struct snapshot_node {
	struct status_record record;
	uint32_t index;	 /* its place in the table */
	uint32_t parent; /* position; 0 for the root too */
	uint32_t end;	 /* position after the last node of its subtree */
	uint32_t depth;	 /* 0: the root */
};

struct snapshot {
	struct status_header header;
	enum liveness liveness;
	bool torn; /* taken amid a change that did not end */
	int64_t now_mono_ms;
	struct snapshot_node *nodes;
	uint32_t n;
	uint32_t capacity;
};

/* Reads DIR/status. Returns 0, and the caller frees with snapshot_free; or negative errno: -EBADMSG
 * when the file is no good, and *ret_why says what is wrong with it. */
int snapshot_read(const char *dir, struct snapshot *ret, const char **ret_why);
void snapshot_free(struct snapshot *snapshot);

/* snapshot_read that complains. Returns an enum supctl_exit. */
int snapshot_open(const char *dir, struct snapshot *ret);

/* The same, but a table that no supd stands behind any more is refused. */
int snapshot_open_live(const char *dir, struct snapshot *ret);

/* Writes the path of the node at a position ("web/app", "/" for the root). Returns buf. */
const char *snapshot_path(
	const struct snapshot *snapshot, uint32_t position, char buf[static SNAPSHOT_PATH_SIZE]);

/* Finds what path names: exactly, else by an unambiguous last part. Returns 0; -ENOENT; -ENOTUNIQ,
 * then up to max positions are in candidates and their full number in *ret_n. */
int snapshot_find(const struct snapshot *snapshot, const char *path, uint32_t *ret_position,
	uint32_t *candidates, uint32_t max, uint32_t *ret_n);

/* snapshot_find that complains. Returns an enum supctl_exit. */
int snapshot_locate(const struct snapshot *snapshot, const char *path, uint32_t *ret_position);

/* Writes the path nearest to a misspelt one. Returns false when none is near. */
bool snapshot_nearest(
	const struct snapshot *snapshot, const char *path, char buf[static SNAPSHOT_PATH_SIZE]);

#endif
