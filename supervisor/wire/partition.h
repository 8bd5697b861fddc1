/* partition.h - which partition of a partition supervisor a key belongs to. Pure.
 *
 * The rule is part of the interface (supctl(1), whereis): the same key finds the same partition in
 * every version, from supd and from the status table alike. */
#ifndef WIRE_PARTITION_H
#define WIRE_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

/* The number of the partition, of n (at least 1). A whole number of any length ("42", "-3", "+7")
 * belongs to its remainder, K mod n, never negative: -1 to n - 1. Any other text, also "" and
 * "1.5", belongs to the 64-bit FNV-1a hash of its bytes, mod n. */
uint32_t partition_of(const char *key, uint32_t n);

/* Is name that of partition number index: does it end with '.' and the number? */
bool partition_is(const char *name, uint32_t index);

#endif
