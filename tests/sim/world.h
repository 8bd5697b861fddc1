/* world.h - a fake Linux in virtual time, playing the shell's part for the engine.
 *
 * The world keeps a life for every process that the engine spawned, carries out its actions, feeds
 * back what a kernel would report, calls the engine at its deadlines, and writes down what the
 * engine did as one line of text, the trace:
 *
 *     struct world *w = world_boot("root rest_for_one [ a b c ]");
 *     expect(w, "spawn a, spawn b, spawn c");
 *     world_exit(w, "b", 1);
 *     expect(w, "signal c, spawn b, spawn c");
 *
 * Words of the trace: "spawn PATH", "signal PATH", "kill PATH", "reply TOKEN RESULT" (with
 * invalid_state, exists and supervisor_down also the state), "finished STATUS"; when asked for,
 * "state PATH STATE WHY" and "gone PATH" (the last of a process was reaped).
 *
 * On every action the world asserts what must always hold: a child never lives twice; an action
 * goes to the present life only; each life has a generation of its own; each command gets one
 * reply; a state reported is the state seen; a process lives exactly in the states that say so;
 * what came with an addition comes back exactly once, and there is a row for it until then;
 * the engine never asks to be called in the past, nor for ever in the same moment; when it has
 * finished, nothing lives. A breach fails the test and prints the whole history. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/spec.h"
#include "supervisor/engine/engine.h"

#define WORLD_NEVER INT64_MAX /* a delay: never */

struct world;

/* Makes a world for the tree (see tree.h), with room for 16 children more; nothing has been
 * started. seed is the engine's. */
struct world *world_new(const char *tree, uint64_t seed);
/* world_new with seed 1, then EV_BOOT. */
struct world *world_boot(const char *tree);
void world_free(struct world *w);

/* ---- the script: how processes behave. May be said before or after the boot, and of children that
 * come at run time also before they do, by their full path. What is said of a template goes for all
 * instances of which nothing else was said when they came. */

/* The next n spawns of path fail; -1: all. */
void world_fail_spawns(struct world *w, const char *path, int n);
/* How long path lives on after its stop signal: 0 unless said; WORLD_NEVER: it ignores it. */
void world_stop_delay(struct world *w, const char *path, int64_t delay_ms);
/* How path ends after its stop signal: dies of SIGTERM unless said. */
void world_stop_end(struct world *w, const char *path, struct end end);
/* Others of its process group outlive the leader of path, and go delay_ms after a signal; but for
 * SIGKILL, which they obey. */
void world_leave_group(struct world *w, const char *path, int64_t delay_ms);
/* The answer to a spawn of path comes delay_ms later: 0 unless said. */
void world_spawn_delay(struct world *w, const char *path, int64_t delay_ms);
/* path says that it is ready so long after each spawn; WORLD_NEVER, unless said. */
void world_ready_delay(struct world *w, const char *path, int64_t delay_ms);

/* ---- events. Each lets the world run on until nothing more happens in this moment. */

/* While held, what processes do only lines up; the release hands it over, one after the other, as
 * if all had come while the shell was away. Commands and time still get through. */
void world_hold(struct world *w);
void world_release(struct world *w);

/* Lets the engine pause between bursts of spawns, as the shell does. */
void world_set_bursts(struct world *w, bool bursts);

/* Saves the engine after every step, and goes on with one that was loaded from that. */
void world_set_saves(struct world *w, bool saves);

void world_start(struct world *w); /* EV_BOOT */
void world_exit(struct world *w, const char *path, int status);
void world_die(struct world *w, const char *path, int signal);
void world_ready(struct world *w, const char *path);
/* Commands have tokens 1, 2, 3, … in the order in which they are given. */
void world_command(struct world *w, enum command_kind kind, const char *path);
/* Adds a child at run time: below a dynamic supervisor an instance of that name; else what child
 * says in the words of tree.h, "name:option,option". world_add_task: as Task.Supervisor does. */
void world_add(struct world *w, const char *sup, const char *child);
void world_add_task(struct world *w, const char *sup, const char *child);
void world_shutdown(struct world *w, bool brutal);
void world_advance(struct world *w, int64_t ms);
/* Hands over an event as it is, about any life: for events that come too late. */
void world_feed(struct world *w, const struct event *event);

/* ---- looking */

/* Compares the trace since the last look with the text; a difference fails the test and prints the
 * history. */
#define expect(w, text) world_expect((w), (text), __FILE__, __LINE__)
/* The same words in any order: for what is done concurrently. */
#define expect_any_order(w, text) world_expect_any_order((w), (text), __FILE__, __LINE__)
/* "a running, sub/x stopped, / restarting": the states as engine_view shows them; an entry that is
 * not there is "removed". */
#define expect_states(w, text) world_expect_states((w), (text), __FILE__, __LINE__)
void world_expect(struct world *w, const char *text, const char *file, int line);
void world_expect_any_order(struct world *w, const char *text, const char *file, int line);
void world_expect_states(struct world *w, const char *text, const char *file, int line);

void world_forget(struct world *w);		    /* the trace so far */
void world_show_states(struct world *w, bool show); /* "state …" in the trace */
void world_show_ends(struct world *w, bool show);   /* "gone …" in the trace */

int64_t world_now(const struct world *w);
int64_t world_deadline(const struct world *w); /* of the engine; ENGINE_NEVER */
bool world_finished(const struct world *w);
uint32_t world_alive(const struct world *w);		   /* processes that live */
bool world_lives(const struct world *w, const char *path); /* one of it does */
uint64_t world_replies(const struct world *w);		   /* to commands, so far */
uint32_t world_given_back(const struct world *w);	   /* of what came with additions */
uint32_t world_last_prev(const struct world *w);	   /* of the last report of an end */
struct view world_view(struct world *w, const char *path); /* fails when there is no entry */
struct engine *world_engine(struct world *w);
const struct spec *world_spec(const struct world *w);

/* Of a row, also of one that was just removed. */
bool world_lives_at(const struct world *w, uint32_t row);    /* its process does */
bool world_has_spawned(const struct world *w, uint32_t row); /* and the answer to the spawn came */
bool world_has_leader(const struct world *w, uint32_t row);  /* and its leader has not exited */
bool world_lives_below(const struct world *w, uint32_t row); /* a process of it, or below it */
bool world_lives_after(const struct world *w, uint32_t row); /* of a sibling after it, or below */
uint32_t world_parent(const struct world *w, uint32_t row);  /* ENGINE_NONE of the root */
const char *world_path(const struct world *w, uint32_t row);
enum child_state world_state(const struct world *w, uint32_t row); /* as reported */

const char *world_history(const struct world *w); /* all that happened, a line each */

/* Called with each action, before it is carried out: for properties. node is the node number of
 * the row it is about, of an instance that of its template; SPEC_NONE for a child added below a
 * static supervisor, and for replies and the end. */
typedef void world_watch(
	void *context, struct world *w, const struct action *action, uint32_t node);
void world_set_watch(struct world *w, world_watch *watch, void *context);

/* Fails the test with a message and the history: for properties. */
__attribute__((noreturn, format(printf, 2, 3))) void world_broken(
	struct world *w, const char *format, ...);
/* Is printed with every failure: the seed of a property's case. */
void world_set_label(struct world *w, const char *label);

#endif
