/* show.h - a case and its two traces, side by side. */
#ifndef OTP_SHOW_H
#define OTP_SHOW_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/otp/case.h"

/* Each line begins with "#", as remarks do in TAP. */
void show_case(FILE *out, const struct otp_case *c);
void show_difference(FILE *out, const struct otp_case *c, const char *engine, const char *erlang);

#endif
