/* tree.h - trees for tests, written so that they read at a glance.
 *
 *     root rest_for_one 3/5 [ a b:transient sub:temporary one_for_all 1/500ms [ x y:brutal ] c ]
 *
 * A word is a child; "[ ... ]" after it makes it a supervisor, and between the two stand its
 * strategy, its limit, intensity/period, and any_significant, all_significant, park, park=TIME
 * (which is retry_after) and concurrent. Options follow the name after ':', separated by commas:
 *
 *     permanent transient temporary      restart type
 *     significant
 *     shutdown=TIME brutal inf           a time, SPEC_BRUTAL_KILL, SPEC_INFINITY
 *     exec notify exit                   what makes it ready
 *     timeout=TIME                       start timeout
 *     backoff=INITIAL/MAX/FACTOR/JITTER/RESET     the last four may be left out: 30s/2/0/10s
 *     ok=STATUS ok=SIGNAL                what else counts as a normal exit: ok=3, ok=HUP
 *     dynamic dynamic=MAX                a dynamic supervisor, whose only child is the template
 *
 * Times are written as in the configuration; brutal and inf serve supervisors too. What is not
 * said has OTP's value: permanent, one_for_one, no backoff; shutdown 5s for a process and infinity
 * for a supervisor, ready by exec, start timeout 30s, limit 3/5. */
#ifndef SIM_TREE_H
#define SIM_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "config/spec.h"

/* Builds the block that text describes (malloc; the caller frees it). A text with a mistake ends
 * the program with a message: it is a mistake in the test. */
struct spec *sim_tree_build(const char *text);

/* Writes the path of a node ("/" the root) into buf and returns buf. Cut off when it is too long.
 */
char *sim_tree_path(const struct spec *spec, uint32_t node, char *buf, size_t size);

/* Finds a node by its full path; else by its name, when only one has it. SPEC_NONE: there is none.
 */
uint32_t sim_tree_lookup(const struct spec *spec, const char *path);
/* The same, but ends the program when there is none: a mistake in the test. */
uint32_t sim_tree_find(const struct spec *spec, const char *path);

#endif
