/* supd_simulate.h - supd --simulate: plays a failure script on the tree of a configuration, in
 * virtual time; starts nothing. */
#ifndef CMD_SUPD_SIMULATE_H
#define CMD_SUPD_SIMULATE_H

/* script: a file, "-" for standard input. Prints a line an effect on stdout, findings on stderr.
 * Returns supd's exit status: 0; 1 when the root supervisor gave up or could not start; 2 for
 * mistakes in config or script; 3 when the system refused something. */
int supd_simulate(const char *script, const char *config);

#endif
