/* log_read.h - what is said over DIR/logs, between suplog and whoever reads lines. Pure: words.
 *
 * Frames as on the control socket: one JSON object a message, ended by NUL. A connection takes one
 * request; access is by SO_PEERCRED.
 *
 *   request   {"paths": ["web/app", ...], "lines": 10, "since": US, "stream": "err",
 *              "follow": true, "sources": true}
 *             All are optional. paths: full paths, of processes or of what they are below; absent:
 *             all. lines: only so many of the last, of each child. since: microseconds of the wall
 *             clock. stream: "out" (also what is merged) or "err". follow: live lines after those
 *             that are there. sources: only the sources, no lines.
 *
 *   answer, in this order
 *     {"source": {...}}, one for each child that is asked for and known:
 *             path; file (null: lines are in the ring alone); to, format, prefix, timestamps,
 *             merged; and counters since the child was first told: bytes, lines, dropped_bytes,
 *             dropped_lines, rotations, error (a word of errno, or null). Of a child with a file
 *             also device, inode and offset: how far the file was written when this was said. What
 *             lies before that the reader reads for itself, in the file and in its archives; what
 *             comes behind it is among the live lines.
 *     records {"time", "path", "stream", "line", "truncated", "continued", "binary"}: what the
 *             rings of children without a file hold, oldest first of each child
 *     {"end": true}    that was all that was there; without follow the connection closes now
 *     records          live, with follow; and {"lost": N} where the reader was too slow */
#ifndef WIRE_LOG_READ_H
#define WIRE_LOG_READ_H

#define LOG_READ_PATHS "paths"
#define LOG_READ_LINES "lines"
#define LOG_READ_SINCE "since"
#define LOG_READ_STREAM "stream"
#define LOG_READ_FOLLOW "follow"
#define LOG_READ_SOURCES "sources"
#define LOG_READ_SOURCE "source"
#define LOG_READ_END "end"
#define LOG_READ_LOST "lost"

#endif
