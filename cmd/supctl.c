/* supctl.c - the client of supd. Everything lies in supctl_run, so that tests can call it too. */
#include "cmd/supctl.h"

int main(int argc, char **argv)
{
	return supctl_run(argc, argv);
}
