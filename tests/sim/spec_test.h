/* spec_test.h - what every engine test includes: cmocka, the world, and a way to write a sentence.
 *
 *     SPEC(rest_for_one_leaves_earlier_siblings_alone)
 *     {
 *             struct world *w = world_boot("root rest_for_one [ a b c ]");
 *             …
 *             world_free(w);
 *     }
 */
#ifndef SIM_SPEC_TEST_H
#define SIM_SPEC_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/world.h"

#define SPEC(sentence) static void sentence(void **state __attribute__((unused)))

#endif
