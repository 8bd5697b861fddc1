/* find_program.h - the programs that come with supd. */
#ifndef OS_FIND_PROGRAM_H
#define OS_FIND_PROGRAM_H

/* Looks for a program beside supd, then in SUPD_LIBEXECDIR. Returns its path (malloc), or NULL when
 * it is nowhere, or memory ran out. */
char *find_program(const char *name);

#endif
