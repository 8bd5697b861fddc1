/* civil.c - microseconds since 1970 into a date and a time of day in UTC, and back. */
#include <string.h>

#include "supervisor/log/format.h"

enum {
	DAYS_400_YEARS = 146097,
	DAYS_TO_1970 = 719468, /* since the first of March of the year 0 */
};
static const int64_t us_a_day = 86400LL * 1000000;

/* Years are counted from March, so that the leap day is the last of a year. */
void civil_from_us(int64_t us, struct civil *ret)
{
	int64_t days = us / us_a_day - (us % us_a_day < 0);
	int64_t rest = us - days * us_a_day;
	int64_t since = days + DAYS_TO_1970;
	int64_t era = (since >= 0 ? since : since - (DAYS_400_YEARS - 1)) / DAYS_400_YEARS;
	int64_t day = since - era * DAYS_400_YEARS;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	ret->day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1);
	ret->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	ret->year = (unsigned)(year + era * 400 + (ret->month <= 2));
	ret->us = (unsigned)(rest % 1000000);
	rest /= 1000000;
	ret->second = (unsigned)(rest % 60);
	ret->minute = (unsigned)(rest / 60 % 60);
	ret->hour = (unsigned)(rest / 3600);
}

int64_t civil_to_us(const struct civil *civil)
{
	int64_t year = (int64_t)civil->year - (civil->month <= 2);
	int64_t era = year / 400;
	int64_t of_era = year - era * 400;
	int64_t month = civil->month > 2 ? civil->month - 3 : civil->month + 9;
	int64_t day_of_year = (153 * month + 2) / 5 + civil->day - 1;
	int64_t day = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
	int64_t days = era * DAYS_400_YEARS + day - DAYS_TO_1970;
	int64_t seconds =
		(int64_t)civil->hour * 3600 + (int64_t)civil->minute * 60 + (int64_t)civil->second;

	return days * us_a_day + seconds * 1000000 + civil->us;
}

static void two_digits(char *at, unsigned value)
{
	at[0] = (char)('0' + value / 10 % 10);
	at[1] = (char)('0' + value % 10);
}

void format_time(int64_t us, char buf[static TIME_TEXT])
{
	struct civil time;

	civil_from_us(us, &time);
	memcpy(buf, "0000-00-00T00:00:00.000000Z", TIME_TEXT);
	two_digits(buf, time.year / 100);
	two_digits(buf + 2, time.year);
	two_digits(buf + 5, time.month);
	two_digits(buf + 8, time.day);
	two_digits(buf + 11, time.hour);
	two_digits(buf + 14, time.minute);
	two_digits(buf + 17, time.second);
	two_digits(buf + 20, time.us / 10000);
	two_digits(buf + 22, time.us / 100);
	two_digits(buf + 24, time.us);
}
