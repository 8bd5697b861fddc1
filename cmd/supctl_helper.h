/* supctl_helper.h - programs that belong to supctl and that only some of its commands need: they
 * lie beside it, as in the directory of a build, or in the installation's libexec. */
#ifndef CMD_SUPCTL_HELPER_H
#define CMD_SUPCTL_HELPER_H

/* Becomes the helper of that name, with args[1] and what follows as its arguments up to NULL;
 * args[0] is filled in. Returns only when it cannot: the exit status, after a complaint. */
int helper_exec(const char *name, const char *args[]);

/* supctl's own file, malloc; NULL: it cannot be found out. */
char *helper_self(void);

#endif
