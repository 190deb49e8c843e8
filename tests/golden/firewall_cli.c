/*
 * Drives daemon/firewall.c without a daemon: firewall_cli CONFIG FIRST_PORT.
 * Divert n has listeners FIRST_PORT + n on 127.0.0.1 and ::1, of both transports. Reads commands
 * from stdin, one a line, and answers each with one line: `ok ...` or `error
 * TEXT`. `text` and `facilities` are followed by what they print and a line
 * with a single dot. At the end of input it exits, and so gives up the table.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "firewall.h"
#include "kernel/evict.h"

struct cli {
	struct config *config;
	struct firewall *fw;
	struct firewall_ports *ports;
	int first_port;
	int evict; /* socket; -1: not open yet */
	int poll;  /* epoll: tells once of events, as the keeper's loop */
};

static void answer(int result, const struct fault *fault)
{
	if (result < 0)
		(void)printf("error %s\n", fault->err ? fault->text : strerror(-result));
	else
		(void)printf("ok %d %s\n", result, fault->text);
}

static void answer_text(char *text)
{
	(void)printf("ok\n%s.\n", text ? text : "out of memory\n");
	free(text);
}

/* Wait until events come, at most 2 s, then look after them. */
static int tend(struct cli *cli, struct fault *fault)
{
	struct epoll_event event;

	if (epoll_wait(cli->poll, &event, 1, 2000) <= 0)
		return fault_set(fault, -ETIMEDOUT, "no event came");
	(void)poll(NULL, 0, 100); /* let a flush and a load be over */
	return firewall_tend(cli->fw, fault);
}

/* Wait until events come, at most 2 s, then follow addresses. */
static int follow(struct cli *cli, struct fault *fault)
{
	struct epoll_event event;

	if (epoll_wait(cli->poll, &event, 1, 2000) <= 0)
		return fault_set(fault, -ETIMEDOUT, "no event came");
	return firewall_follow(cli->fw, fault);
}

static int evict(struct cli *cli, const char *args)
{
	char client[ADDR_TEXT_BYTES];
	char server[ADDR_TEXT_BYTES];
	struct addr c;
	struct addr s;
	int err = 0;

	if (sscanf(args, "%63s %63s", client, server) != 2 || addr_parse(&c, client, true) ||
	    addr_parse(&s, server, true))
		return -EINVAL;
	if (cli->evict < 0)
		err = evict_open(&cli->evict);
	return err ? err : evict_time_wait(cli->evict, &cli->config->shunt.mark, &c, &s);
}

static int read_config(struct config **out, const char *path)
{
	struct config_notes notes;
	int err = config_read(out, path, &notes);
	size_t i;

	for (i = 0; err && i < notes.count; i++)
		(void)fprintf(stderr, "%s:%d: %s\n", notes.at[i].file, notes.at[i].line,
			      notes.at[i].text);
	config_notes_free(&notes);
	return err;
}

static int make_ports(struct firewall_ports **out, const struct config *config, int first_port)
{
	struct firewall_ports *ports = calloc(config->divert_count + 1, sizeof *ports);
	size_t i;

	if (!ports)
		return -ENOMEM;
	for (i = 0; i < config->divert_count; i++)
		ports[i].v4 = ports[i].v6 = ports[i].udp4 = ports[i].udp6 =
			(uint16_t)(first_port + (int)i);
	*out = ports;
	return 0;
}

/* Go over to another configuration, whose listeners are counted likewise. */
static int change(struct cli *cli, const char *path, struct fault *fault)
{
	struct firewall_ports *ports = NULL;
	struct config *config = NULL;
	int result = read_config(&config, path);

	if (!result)
		result = make_ports(&ports, config, cli->first_port);
	if (!result)
		result = firewall_check(cli->fw, config, fault);
	if (!result)
		result = firewall_change(cli->fw, config, ports, fault);
	free(ports);
	if (result < 0) {
		config_free(config);
		return result;
	}
	config_free(cli->config);
	cli->config = config;
	return result;
}

static int command(struct cli *cli, const char *line, struct fault *fault)
{
	if (!strcmp(line, "up"))
		return firewall_up(cli->fw, fault);
	if (!strcmp(line, "alive"))
		return firewall_alive(cli->fw, clock_ms() + FIREWALL_ALIVE_MS);
	if (!strcmp(line, "unalive"))
		return firewall_unalive(cli->fw);
	if (!strcmp(line, "cookies"))
		return firewall_cookies(cli->fw);
	if (!strcmp(line, "tend"))
		return tend(cli, fault);
	if (!strcmp(line, "look")) {
		firewall_suspect(cli->fw);
		(void)firewall_follow(cli->fw, fault); /* firewall_tend() says what is left */
		return firewall_tend(cli->fw, fault);
	}
	if (!strcmp(line, "down"))
		return firewall_down(cli->fw, fault);
	if (!strcmp(line, "purge"))
		return firewall_purge(&cli->config->shunt.mark, cli->config->shunt.table, fault);
	if (!strcmp(line, "follow"))
		return follow(cli, fault);
	if (!strncmp(line, "change ", 7))
		return change(cli, line + 7, fault);
	if (!strncmp(line, "evict ", 6))
		return evict(cli, line + 6);
	return fault_set(fault, -EINVAL, "no such command: %s", line);
}

static void serve(struct cli *cli)
{
	char line[256];

	while (fgets(line, sizeof line, stdin)) {
		struct fault fault = { 0 };

		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, "text"))
			answer_text(firewall_text(cli->fw, false));
		else if (!strcmp(line, "closed"))
			answer_text(firewall_text(cli->fw, true));
		else if (!strcmp(line, "facilities"))
			answer_text(firewall_facilities());
		else
			answer(command(cli, line, &fault), &fault);
		(void)fflush(stdout);
	}
}

static int watch(struct cli *cli)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	return epoll_ctl(cli->poll, EPOLL_CTL_ADD, firewall_fd(cli->fw), &event) < 0 ? -errno : 0;
}

static int set_up(struct cli *cli, const char *path)
{
	struct fault fault = { 0 };
	int err = read_config(&cli->config, path);

	if (err)
		return err;
	cli->poll = epoll_create1(EPOLL_CLOEXEC);
	err = make_ports(&cli->ports, cli->config, cli->first_port);
	if (!err)
		err = firewall_new(&cli->fw, cli->config, cli->ports, &fault);
	if (err)
		(void)fprintf(stderr, "%s\n", fault.text);
	return err ? err : watch(cli);
}

int main(int argc, char **argv)
{
	struct cli cli = { .evict = -1, .poll = -1 };
	int err;

	if (argc != 3)
		return 2;
	cli.first_port = (int)strtol(argv[2], NULL, 10);
	err = set_up(&cli, argv[1]);
	if (!err)
		serve(&cli);
	firewall_free(cli.fw);
	config_free(cli.config);
	free(cli.ports);
	if (cli.poll >= 0)
		(void)close(cli.poll); /* we end anyway */
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
