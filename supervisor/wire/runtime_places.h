/* runtime_places.h - where supd puts its runtime directory, and supctl looks for it, when the usual
 * place cannot be had: PLACE/supd-UID, a directory of that user that nobody else may write to.
 * Memory comes first. */
#ifndef WIRE_RUNTIME_PLACES_H
#define WIRE_RUNTIME_PLACES_H

#define RUNTIME_PLACES                                 \
	{                                              \
		"/dev/shm", "/run", "/tmp", "/var/tmp" \
	}

#endif
