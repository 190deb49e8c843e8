/* The walls around the child processes: descriptors, user, capabilities. System calls: seccomp.c. */
#include "kernel/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fault.h"
#include "kernel/seccomp.h"

static bool is_kept(int fd, const int *keep, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (keep[i] == fd)
			return true;
	}
	return fd == STDERR_FILENO;
}

void sandbox_close_others(const int *keep, size_t count)
{
	struct rlimit most = { .rlim_cur = 1024 };
	int highest = STDERR_FILENO;

	for (size_t i = 0; i < count; i++)
		highest = keep[i] > highest ? keep[i] : highest;
	for (int fd = 0; fd <= highest; fd++) {
		if (!is_kept(fd, keep, count))
			(void)close(fd); /* not open: fine */
	}
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)highest + 1, ~0u, 0) == 0)
		return;
#endif
	(void)getrlimit(RLIMIT_NOFILE, &most); /* cannot fail for this one */
	for (rlim_t fd = (rlim_t)highest + 1; fd < most.rlim_cur; fd++)
		(void)close((int)fd);
}

static int set_capabilities(uint32_t wanted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = wanted, .permitted = wanted, .inheritable = 0 },
	};

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int drop_user(const struct sandbox_user *user)
{
	if (geteuid() != 0)
		return 0; /* a service user already: nothing to drop */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return -errno;
	return 0;
}

static void drop_bounds(uint32_t keep)
{
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (cap >= 32 || !(keep >> cap & 1))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0,
				    0); /* needs CAP_SETPCAP: the next steps do not */
	}
}

int sandbox_become(const struct sandbox_user *user, struct fault *fault)
{
	int err;

	if (geteuid() != 0 && geteuid() != user->uid)
		return fault_set(fault, -EPERM, "cannot become user %u: we are not root",
				 (unsigned)user->uid);
	drop_bounds(0);
	err = drop_user(user);
	if (err)
		return fault_set(fault, err, "cannot become user %u: %s", (unsigned)user->uid,
				 strerror(-err));
	err = set_capabilities(0);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		err = -errno;
	return err ? fault_set(fault, err, "cannot give up capabilities: %s", strerror(-err)) : 0;
}

int sandbox_keep_spawning(void)
{
	const uint32_t keep =
		1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_SETPCAP | 1u << CAP_KILL;
	int err;

	drop_bounds(keep); /* what it runs as root, if it were made to, has no more either */
	err = set_capabilities(keep);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		err = -errno;
	return err;
}

int sandbox_drop(enum sandbox_kind kind, const struct sandbox_user *user, struct fault *fault)
{
	/* bind service: clients whose own port is below 1024 keep it */
	const uint32_t carrier =
		1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW | 1u << CAP_NET_BIND_SERVICE;
	const struct rlimit none = { 0, 0 };
	uint32_t keep = kind == SANDBOX_CARRIER ? carrier : 0;
	int err;

	drop_bounds(keep);
	err = drop_user(user);
	if (err)
		return fault_set(fault, err, "cannot become user %u: start shuntd as root",
				 (unsigned)user->uid);
	err = set_capabilities(keep);
	if (err)
		return fault_set(
			fault, err,
			"cannot set capabilities: CAP_NET_ADMIN and CAP_NET_RAW are needed");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_set(fault, -errno, "prctl failed");
	/* a thread that is there when the filter comes would be without it */
	if (kind == SANDBOX_SNIFFER && setrlimit(RLIMIT_NPROC, &none) < 0)
		return fault_set(fault, -errno, "cannot give up starting processes");
	return 0;
}

int sandbox_close(enum sandbox_kind kind, int fd, struct fault *fault)
{
	int err = seccomp_close(kind, fd);

	if (err)
		return fault_set(fault, err,
				 "cannot install the system call filter (CONFIG_SECCOMP_FILTER)");
	return 0;
}

int sandbox_enter(enum sandbox_kind kind, const struct sandbox_user *user, int fd,
		  struct fault *fault)
{
	int err = sandbox_drop(kind, user, fault);

	return err ? err : sandbox_close(kind, fd, fault);
}
