/* The system call filters, as small classic BPF programs. */
#include "kernel/seccomp.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#if defined(HAS_SANITIZER)
/* its runtime needs calls of its own: no filter */
#elif defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define THIS_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define THIS_ARCH AUDIT_ARCH_ARM
#elif defined(__mips64) && _MIPS_SIM == _ABI64 && defined(__MIPSEB__)
#define THIS_ARCH AUDIT_ARCH_MIPS64
#elif defined(__mips64) && _MIPS_SIM == _ABI64
#define THIS_ARCH AUDIT_ARCH_MIPSEL64
#elif defined(__mips__) && defined(__MIPSEB__)
#define THIS_ARCH AUDIT_ARCH_MIPS
#elif defined(__mips__)
#define THIS_ARCH AUDIT_ARCH_MIPSEL
#elif defined(__powerpc64__)
#define THIS_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__powerpc__)
#define THIS_ARCH AUDIT_ARCH_PPC
#elif defined(__riscv)
#define THIS_ARCH AUDIT_ARCH_RISCV64
#elif defined(__loongarch64)
#define THIS_ARCH AUDIT_ARCH_LOONGARCH64
#endif

#ifdef THIS_ARCH
enum {
	PROGRAM_ROOM = 192,
};

struct program {
	struct sock_filter at[PROGRAM_ROOM];
	unsigned short size;
};

static void put(struct program *p, struct sock_filter op)
{
	if (p->size < PROGRAM_ROOM)
		p->at[p->size++] = op;
}

static void put_load(struct program *p, uint32_t offset)
{
	put(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void put_return(struct program *p, uint32_t what)
{
	put(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* Allow one call whatever its arguments. Expects the call's number loaded. */
static void put_allow(struct program *p, uint32_t number)
{
	put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
	put_return(p, SECCOMP_RET_ALLOW);
}

/* The low half of the first argument, which lies behind the high one on big-endian machines. */
static uint32_t first_argument(void)
{
	const uint16_t probe = 1;

	return (uint32_t)offsetof(struct seccomp_data, args[0]) +
	       (*(const uint8_t *)&probe ? 0 : 4);
}

/* Allow one call when its first argument is fd. */
static void put_allow_on(struct program *p, uint32_t number, int fd)
{
	put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4));
	put_load(p, first_argument());
	put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)fd, 0, 1));
	put_return(p, SECCOMP_RET_ALLOW);
	put_load(p, offsetof(struct seccomp_data, nr));
}

static void put_start(struct program *p)
{
	put_load(p, offsetof(struct seccomp_data, arch));
	put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0));
	put_return(p, SECCOMP_RET_KILL_PROCESS);
	put_load(p, offsetof(struct seccomp_data, nr));
}

static void put_sniffer(struct program *p, int fd)
{
	put_allow_on(p, __NR_read, fd);
	put_allow_on(p, __NR_write, fd);
	put_allow(p, __NR_exit_group);
	put_allow(p, __NR_exit);
	put_allow(p, __NR_rt_sigreturn);
	put_allow(p, __NR_restart_syscall);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
}

/* What the hands do. The second half is there for machines where the first name is missing. */
static const uint32_t carrier_calls[] = {
	__NR_read,
	__NR_write,
	__NR_writev,
	__NR_close,
	__NR_fcntl,
	__NR_ioctl,
	__NR_fstat,
	__NR_lseek,
	__NR_epoll_ctl,
	__NR_epoll_pwait,
	__NR_splice,
	__NR_pipe2,
	__NR_mmap,
	__NR_munmap,
	__NR_mremap,
	__NR_mprotect,
	__NR_madvise,
	__NR_brk,
	__NR_clock_gettime,
	__NR_gettimeofday,
	__NR_getpid,
	__NR_gettid,
	__NR_futex,
	__NR_exit,
	__NR_exit_group,
	__NR_rt_sigreturn,
	__NR_rt_sigaction,
	__NR_rt_sigprocmask,
	__NR_restart_syscall,
	__NR_getrandom,
	__NR_sched_setscheduler, /* between the two ordinary policies: more takes a capability */
	__NR_nanosleep,
	__NR_clock_nanosleep,
#ifdef __NR_ppoll
	__NR_ppoll,
#endif
#ifdef __NR_poll
	__NR_poll,
#endif
#ifdef __NR_ppoll_time64
	__NR_ppoll_time64,
#endif
#ifdef __NR_epoll_wait
	__NR_epoll_wait,
#endif
#ifdef __NR_statx
	__NR_statx, /* what fstat() is on machines with 32 bits */
#endif
#ifdef __NR_newfstatat
	__NR_newfstatat,
#endif
#ifdef __NR_accept4
	__NR_accept4,
	__NR_socket,
	__NR_bind,
	__NR_connect,
	__NR_setsockopt,
	__NR_getsockopt,
	__NR_getsockname,
	__NR_getpeername,
	__NR_shutdown,
	__NR_sendto,
	__NR_recvfrom,
	__NR_sendmsg,
	__NR_recvmsg,
#endif
#ifdef __NR_sendmmsg
	__NR_sendmmsg,
	__NR_recvmmsg,
#endif
#ifdef __NR_recvmmsg_time64
	__NR_recvmmsg_time64,
#endif
#ifdef __NR_send
	__NR_send,
#endif
#ifdef __NR_recv
	__NR_recv,
#endif
#ifdef __NR_socketcall
	__NR_socketcall,
#endif
#ifdef __NR_mmap2
	__NR_mmap2,
#endif
#ifdef __NR_fcntl64
	__NR_fcntl64,
#endif
#ifdef __NR_fstat64
	__NR_fstat64,
#endif
#ifdef __NR_clock_gettime64
	__NR_clock_gettime64,
	__NR_futex_time64,
#endif
#ifdef __NR_sigreturn
	__NR_sigreturn,
#endif
};

static void put_carrier(struct program *p)
{
	for (size_t i = 0; i < sizeof carrier_calls / sizeof *carrier_calls; i++)
		put_allow(p, carrier_calls[i]);
	put_return(p, SECCOMP_RET_ERRNO | EPERM);
}
#endif

int seccomp_close(enum sandbox_kind kind, int fd)
{
#ifdef THIS_ARCH
	struct program p = { .size = 0 };
	struct sock_fprog whole = { .filter = p.at };

	put_start(&p);
	if (kind == SANDBOX_SNIFFER)
		put_sniffer(&p, fd);
	else
		put_carrier(&p);
	whole.len = p.size;
	if (p.size >= PROGRAM_ROOM)
		return -E2BIG;
	if (kind == SANDBOX_SNIFFER)
		(void)close(STDERR_FILENO); /* it could not be written to anyway */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0) < 0)
		return errno == EINVAL ? 0 : -errno; /* EINVAL: a kernel without the filter */
#else
	(void)kind;
	(void)fd;
#endif
	return 0;
}

bool seccomp_is_there(void)
{
#ifdef THIS_ARCH
	/* asked for with no program at all: EFAULT where it could be, EINVAL where it cannot */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 && errno == EFAULT;
#else
	return false;
#endif
}
