/* How eagerly this process takes the processor. */
#include "kernel/sched_batch.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

int sched_batch(bool is_batch)
{
	struct sched_param none = { 0 };

	/* not through the C library: musl's refuses this call */
	if (syscall(SYS_sched_setscheduler, 0, is_batch ? SCHED_BATCH : SCHED_OTHER, &none) < 0)
		return -errno;
	return 0;
}
