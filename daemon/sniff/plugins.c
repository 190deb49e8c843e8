/* Shared objects as recognisers. */
#include "sniff/plugins.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/datagrams.h"
#include "base/fault.h"
#include "flow/question.h"

bool plugins_are_used(const struct config *config)
{
	for (size_t i = 0; i < config->probe_count; i++) {
		if (config->probes[i].plugin)
			return true;
	}
	return false;
}

int plugins_open(const struct shunt_probe **out, const char *path, struct fault *fault)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct shunt_probe *probe = object ? dlsym(object, "shunt_probe_v1") : NULL;
	const char *text = probe ? NULL : dlerror();

	if (!object)
		return fault_set(fault, -ENOEXEC, "cannot load %s: %s", path, text ? text : "?");
	if (!probe)
		return fault_set(fault, -ENOEXEC,
				 "%s exports no `shunt_probe_v1`: it is no plugin of this version",
				 path);
	if (probe->size < sizeof *probe || !probe->probe)
		return fault_set(fault, -ENOEXEC,
				 "%s: its `shunt_probe_v1` is not that of shunt-probe.h", path);
	*out = probe; /* it is there as long as the process is */
	return 0;
}

/* Every tick of CPU time: is this still the call that it was at the last one? */
static void tick(int number, siginfo_t *info, void *context)
{
	static const char text[] = "a plugin does not return\n";
	struct plugins *p = info->si_value.sival_ptr;
	uint8_t running = *p->running;

	(void)number;
	(void)context;
	p->ticks = running && p->calls == p->calls_before ? p->ticks + 1 : 0;
	p->calls_before = p->calls;
	if (p->ticks < (running & PLUGINS_LOADING ? PLUGINS_LOAD_TICKS : 1))
		return;
	if (!p->is_quiet)
		(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(PLUGINS_HUNG);
}

/* Without it, which no kernel denies, a sniffer that hangs is found by its keeper. */
static void guard(struct plugins *p)
{
	struct sigaction act = { .sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGPROF,
				  .sigev_value = { .sival_ptr = p } };
	const struct timespec step = { .tv_nsec = PLUGINS_TICK_MS * 1000000L };
	const struct itimerspec often = { step, step };
	timer_t timer;

	sigemptyset(&act.sa_mask);
	if (sigaction(SIGPROF, &act, NULL) == 0 &&
	    timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) == 0)
		(void)timer_settime(timer, 0, &often, NULL);
}

void plugins_load(struct plugins *p, const struct config *config, volatile uint8_t *running,
		  const volatile uint64_t *off,
		  void (*failed)(void *arg, unsigned probe, const struct fault *fault), void *arg)
{
	*p = (struct plugins){ .off = off, .running = running };
	guard(p);
	for (unsigned i = 0; i < config->probe_count; i++) {
		struct fault fault;

		if (!config->probes[i].plugin || (off && *off >> i & 1))
			continue;
		*running = (uint8_t)(PLUGINS_LOADING | (i + 1));
		p->calls++;
		if (plugins_open(&p->at[i], config->probes[i].plugin, &fault))
			failed(arg, i, &fault);
		*running = 0;
	}
}

/* A call of strangers' code about strangers' bytes. */
static enum wire_verdict call(struct plugins *p, unsigned probe, struct span text, bool is_final,
			      size_t *wanted)
{
	int verdict;

	*wanted = 0;
	p->calls++;
	*p->running = (uint8_t)(probe + 1);
	verdict = p->at[probe]->probe(text.data, text.size, is_final, wanted);
	*p->running = 0;
	if (verdict == SHUNT_PROBE_YES)
		return WIRE_YES;
	if (verdict != SHUNT_PROBE_MORE || is_final)
		return WIRE_NO;
	if (*wanted <= text.size || *wanted > QUESTION_MOST_BYTES)
		*wanted = text.size + 1;
	return WIRE_MORE;
}

enum wire_verdict plugins_ask(struct plugins *p, unsigned probe, const struct probe_flow *flow,
			      bool is_udp, struct wire_hints *hints)
{
	struct datagrams d = datagrams_of(flow->in);
	struct span first = flow->in;

	if (!p || !p->at[probe] || (p->off && *p->off >> probe & 1))
		return WIRE_NO;
	if (!is_udp)
		return call(p, probe, first, flow->is_final, &hints->wanted);
	switch (datagrams_next(&d, &first)) {
	case DATAGRAMS_ONE:
		return call(p, probe, first, true, &hints->wanted);
	case DATAGRAMS_END:
		hints->wanted = d.wanted;
		return WIRE_MORE;
	case DATAGRAMS_FULL:
		break;
	}
	return WIRE_NO;
}
