/* play.h - an engine in a fake world and in virtual time: what if? For impact and --simulate.
 *
 * The world carries out what the engine wants: a process that is spawned runs, is ready at once,
 * and obeys its stop signal at once, unless its manners say otherwise; its hooks succeed at once,
 * and its watchdog hears from it. Time passes only when it is told to. Pure, and bounded: a play
 * ends when its budget of events and actions is spent. */
#ifndef ENGINE_PLAY_H
#define ENGINE_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor/engine/engine.h"

struct play;

/* Sees each action before the world carries it out. */
typedef void play_watch(void *context, struct play *p, const struct action *action);

/* Makes a world around e, which becomes the play's also when this fails; its actions are drained.
 * The processes that live in it go on, each with what it was about to do. now_ms: not before e's
 * last step. budget: events and actions, at most. NULL: out of memory. */
struct play *play_new(
	struct engine *e, int64_t now_ms, uint64_t budget, play_watch *watch, void *context);
void play_free(struct play *p);
/* Frees the world, and gives its engine back. */
struct engine *play_take_engine(struct play *p);

/* ---- manners of the row's process, from now on. An addition takes its own with it. */
void play_fail_starts(struct play *p, uint32_t index, uint32_t n); /* the next n */
/* For ready = notify and exit; with ready = exec nothing is waited for. */
void play_slow_start(struct play *p, uint32_t index, int64_t delay_ms);
void play_ignore_stop(struct play *p, uint32_t index); /* only SIGKILL ends it */

/* ---- what happens. Each lets all that follows in the same moment happen. */
void play_event(struct play *p, const struct event *event);
/* The process of the row ends by itself, with all its group. Returns false when there is none. */
bool play_end_process(struct play *p, uint32_t index, struct end end);
/* A supervisor ends itself, as if its restart limit were reached. Returns false when it is not up.
 */
bool play_give_up(struct play *p, uint32_t index);
/* What is due now happens. */
void play_settle(struct play *p);
/* Goes to the next moment in which anything is due, at most until_ms. Returns false when nothing is
 * due until then, or the play is over; time has gone on to until_ms then, unless that is
 * ENGINE_NEVER. */
bool play_next(struct play *p, int64_t until_ms);

/* ---- looking */
struct engine *play_engine(struct play *p);
int64_t play_now_ms(const struct play *p);
/* The program has ended, with this status. */
bool play_finished(const struct play *p, int *ret_status);
bool play_spent(const struct play *p);

#endif
