/*
 * The main program of a fuzz target where there is no libFuzzer: gives it each
 * file named on the command line, in a block of exactly its size, so that a
 * sanitizer sees a read past its end.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum {
	REPLAY_MOST_BYTES = 1024 * 1024, /* no seed is anywhere near */
};

static int replay(const char *path)
{
	uint8_t *bytes = malloc(REPLAY_MOST_BYTES);
	uint8_t *exact = NULL;
	FILE *file = fopen(path, "rb");
	size_t size = 0;
	int err = -ENOMEM;

	if (!file) {
		err = -errno;
		goto out;
	}
	if (!bytes)
		goto out;
	size = fread(bytes, 1, REPLAY_MOST_BYTES, file);
	exact = malloc(size > 0 ? size : 1);
	if (!exact)
		goto out;
	memcpy(exact, bytes, size);
	(void)LLVMFuzzerTestOneInput(exact, size); /* 0 always: a broken law aborts */
	err = ferror(file) ? -EIO : 0;
out:
	if (err)
		(void)fprintf(stderr, "%s: %s\n", path, strerror(-err));
	if (file)
		(void)fclose(file); /* was only read */
	free(exact);
	free(bytes);
	return err;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]))
			return EXIT_FAILURE;
	}
	printf("%d inputs\n", argc - 1);
	return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
