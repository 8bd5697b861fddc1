/* worker.c - cases played by the engine in another process, which may die of it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/otp/case.h"

enum { SECONDS_A_CASE = 10, COMPLAINT_MAX = 4000 };

/* Writes each trace with its length before it. */
static _Noreturn void work(
	const struct otp_case *const *cases, size_t n, FILE *traces, FILE *complaints)
{
	struct rlimit none = {0, 0};

	if (dup2(fileno(complaints), STDERR_FILENO) < 0 ||
		dup2(fileno(complaints), STDOUT_FILENO) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		_exit(1);
	for (size_t i = 0; i < n; i++) {
		char *trace = NULL;
		size_t size = 0;
		FILE *out = must_have(open_memstream(&trace, &size));

		(void)alarm(SECONDS_A_CASE);
		engine_play(cases[i], out);
		if (fclose(out) != 0 || fwrite(&size, sizeof(size), 1, traces) != 1 ||
			fwrite(trace, 1, size, traces) != size || fflush(traces) != 0)
			_exit(1);
		free(trace);
	}
	_exit(0);
}

static char *read_trace(FILE *traces)
{
	size_t size = 0;
	char *trace;

	if (fread(&size, sizeof(size), 1, traces) != 1)
		return NULL;
	trace = must_have(malloc(size + 1));
	if (fread(trace, 1, size, traces) != size) {
		free(trace);
		return NULL;
	}
	trace[size] = '\0';
	return trace;
}

/* What stands for the trace of a case that was not survived. */
static char *broken(int status, FILE *complaints)
{
	char text[COMPLAINT_MAX] = "";
	char *trace = NULL;
	long end = 0;
	size_t n;

	if (fseek(complaints, 0, SEEK_END) == 0)
		end = ftell(complaints);
	if (fseek(complaints, end > COMPLAINT_MAX ? end - COMPLAINT_MAX + 1 : 0, SEEK_SET) != 0)
		abort();
	n = fread(text, 1, sizeof(text) - 1, complaints);
	text[n] = '\0';
	if (asprintf(&trace, "broken: the engine did not survive this (status 0x%x)\n%s\n",
		    (unsigned)status, text) < 0)
		abort();
	return trace;
}

void engine_play_many(const struct otp_case *const *cases, size_t n, char **ret_traces)
{
	size_t done = 0;

	while (done < n) {
		FILE *traces = must_have(tmpfile());
		FILE *complaints = must_have(tmpfile());
		int status = 0;
		pid_t pid;

		(void)fflush(NULL);
		pid = fork();
		if (pid < 0)
			abort();
		if (pid == 0)
			work(cases + done, n - done, traces, complaints);
		if (waitpid(pid, &status, 0) != pid)
			abort();
		rewind(traces);
		while (done < n && (ret_traces[done] = read_trace(traces)) != NULL)
			done++;
		if (done < n)
			ret_traces[done++] = broken(status, complaints);
		(void)fclose(traces);
		(void)fclose(complaints);
	}
}
