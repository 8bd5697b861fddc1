/* file.h - cases in files, with what OTP does below the line "expect". */
#ifndef OTP_FILE_H
#define OTP_FILE_H

#include "tests/otp/case.h"

/* Ends the program: it could not be found out. */
__attribute__((noreturn)) void give_up(const char *what, const char *why);

/* Reads the case of a file. Returns the file's text (malloc), which *ret_expected points into, or
 * is NULL where there is no "expect". */
char *case_file_read(const char *name, struct otp_case *ret_case, const char **ret_expected);

/* Writes a case and the trace to expect of it. */
void case_file_write(const char *name, const struct otp_case *c, const char *trace);

#endif
