/* Connections to shunt-spawn, one for each carrier. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "children_talk.h"
#include "flow/spawn.h"
#include "kernel/fd_pass.h"

enum {
	LOOK_MS = 1000,
	NAMES_BYTES = 128, /* of probes, in a line of the log */
};

bool children_spawn_is_wanted(const struct children *c)
{
	const struct config *config = c->now->config;

	for (size_t i = 0; i < config->probe_count; i++)
		if (probe_kind(&config->probes[i]) == PROBE_EXEC)
			return true;
	return false;
}

bool children_spawn_is_there(const struct children *c)
{
	for (unsigned i = 0; i < c->carrier_count; i++)
		if (!c->carriers[i].has_spawn && c->carriers[i].child.pid)
			return false;
	return true;
}

/* Whoever answers there gets the first bytes of flows: root alone. */
static bool is_root(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static int reach(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int err = 0;
	int fd;

	if (strlen(path) >= sizeof at.sun_path)
		return -ENAMETOOLONG;
	memcpy(at.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&at, sizeof at) < 0)
		err = -errno;
	else if (!is_root(fd))
		err = -EPERM;
	if (!err)
		return fd;
	(void)close(fd); /* nothing was said */
	return err;
}

/* "a, b": the probes whose programs nobody runs. */
static void list_names(char names[static NAMES_BYTES], const struct config *config)
{
	size_t size = 0;

	names[0] = '\0';
	for (size_t i = 0; i < config->probe_count; i++) {
		const char *name = config->probes[i].name;

		if (probe_kind(&config->probes[i]) == PROBE_EXEC &&
		    size + strlen(name) + 3 < NAMES_BYTES)
			size += (size_t)snprintf(names + size, NAMES_BYTES - size, "%s%s",
						 size ? ", " : "", name);
	}
}

/* Once, whenever it changes. */
static void tell(struct children *c, const char *path, int err)
{
	char names[NAMES_BYTES];

	if (!err && c->spawn.is_missing)
		log_info("shunt-spawn is there: %s", path);
	if (err && !c->spawn.is_missing) {
		list_names(names, c->now->config);
		log_warn("no shunt-spawn at %s (%s): probe %s counts as no: start it", path,
			 strerror(-err), names);
	}
	c->spawn.is_missing = err != 0;
}

static int offer(struct carrier_child *cc, const char *path)
{
	const struct channel_message m = { .kind = CHANNEL_SPAWN };
	int fd = reach(path);
	int err;

	if (fd < 0)
		return fd;
	err = fd_pass_send(cc->channel.fd, &m, sizeof m, fd);
	(void)close(fd); /* the carrier has its copy, or nobody */
	cc->has_spawn = !err;
	return 0; /* a carrier that cannot be told is another matter: the next look tries again */
}

void children_spawn_look(struct children *c)
{
	char path[SPAWN_PATH_BYTES];
	bool is_tried = false;
	int err = 0;

	if (c->is_stopping || !children_spawn_is_wanted(c)) {
		c->spawn.is_missing = false;
		return;
	}
	spawn_path(path, c->now->config->shunt.control);
	for (unsigned i = 0; i < c->carrier_count && !err; i++) {
		struct carrier_child *cc = &c->carriers[i];

		if (cc->has_spawn || cc->channel.fd < 0)
			continue;
		is_tried = true;
		err = offer(cc, path);
	}
	if (is_tried)
		tell(c, path, err);
	if (!children_spawn_is_there(c) && timer_arm(c->loop, &c->spawn.look, clock_ms() + LOOK_MS))
		log_error("out of memory: shunt-spawn is not looked for");
}

static void look_fires(struct timer *t)
{
	children_spawn_look(container_of(t, struct children, spawn.look));
}

void children_spawn_init(struct children *c)
{
	c->spawn.look.fire = look_fires;
}

void children_spawn_lost(struct carrier_child *cc)
{
	struct children *c = cc->all;

	cc->has_spawn = false;
	if (!c->spawn.look.index && !c->is_stopping)
		(void)timer_arm(c->loop, &c->spawn.look,
				clock_ms() + LOOK_MS); /* it had a place before */
}
