/* Flags in a sealed memory file: see counters.c for why the seals make it safe to share. */
#include "flow/flags.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* <linux/fcntl.h>, which clashes with <fcntl.h> */
#endif

static size_t bytes_of(const struct flags *f)
{
	return f->words * sizeof *f->mine;
}

/* Both mappings. The one for writing is made in front of the seal, and no child inherits it. */
static int map_both(struct flags *f, int file)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
	void *mine = mmap(NULL, bytes_of(f), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	void *shown = MAP_FAILED;
	int err;

	if (mine == MAP_FAILED)
		return -errno;
	if (madvise(mine, bytes_of(f), MADV_DONTFORK) < 0 || fcntl(file, F_ADD_SEALS, seals) < 0)
		goto out;
	shown = mmap(NULL, bytes_of(f), PROT_READ, MAP_SHARED, file, 0);
	if (shown == MAP_FAILED)
		goto out;
	f->mine = mine;
	f->shown = shown;
	return 0;
out:
	err = -errno;
	(void)munmap(mine, bytes_of(f)); /* cannot fail: it is a whole mapping */
	return err;
}

int flags_init(struct flags *f, size_t words)
{
	struct flags made = { .words = words ? words : 1 };
	int file = memfd_create("shunt-flags", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int err;

	*f = (struct flags){ 0 };
	if (file < 0)
		return -errno;
	err = ftruncate(file, (off_t)bytes_of(&made)) < 0 ? -errno : map_both(&made, file);
	(void)close(file); /* the mappings are all that is used */
	if (!err)
		*f = made;
	return err;
}

void flags_done(struct flags *f)
{
	if (f->mine)
		(void)munmap((void *)f->mine,
			     bytes_of(f)); /* cannot fail: they are whole mappings */
	if (f->shown)
		(void)munmap((void *)f->shown, bytes_of(f));
	*f = (struct flags){ 0 };
}
