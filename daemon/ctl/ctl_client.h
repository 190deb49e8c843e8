#ifndef SHUNT_CTL_CTL_CLIENT_H
#define SHUNT_CTL_CTL_CLIENT_H

#include "ctl/ctl.h"
#include "ctl/ctl_socket.h"

/*
 * Inside of ctl/: a client lives from accept to the last byte of its answer in
 * one of the places of struct ctl, so nothing is allocated but the answer.
 */
enum ctl_state {
	CTL_FREE,    /* no client here */
	CTL_REQUEST, /* its request is being read */
	CTL_QUEUED,  /* wants the flows: another client's are being asked for */
	CTL_FLOWS,   /* its flows are being asked for */
	CTL_RELOAD,  /* waits for the end of a reload */
	CTL_ANSWER,  /* its answer is being sent */
};

struct ctl_client {
	struct ctl *ctl;
	enum ctl_state state;
	struct watch watch;
	struct timer timer; /* how long the present state may last */
	uint64_t turn;   /* of a request for flows: its place in the queue, then its number; of one
			     * for a reload: which */
	size_t listed;   /* flows in the answer */
	size_t left_out; /* flows that found no room in it */
	char *answer;    /* malloc'd, not NUL-terminated */
	size_t answer_size;
	size_t answer_room;
	size_t sent;
	size_t request_size;
	char request[CTL_MOST_REQUEST_BYTES];
};

struct ctl {
	struct loop *loop;
	const struct ctl_source *source;
	void *owner;
	struct ctl_socket socket;
	struct watch listener;
	struct timer parked;       /* set: no descriptor was left, try again then */
	size_t client_count;       /* not free */
	size_t answer_bytes;       /* room of all answers together */
	uint64_t last_turn;        /* numbers of requests for flows given so far */
	struct ctl_client *asking; /* whose flows are asked for, or NULL */
	struct ctl_client clients[CTL_MOST_CLIENTS];
};

/* Add bytes to the answer. -ENOMEM; or -EMSGSIZE when CTL_MOST_ANSWER_BYTES of this answer, or
 * CTL_MOST_WAITING_BYTES of all, would be passed. The answer is then as it was. */
int ctl_client_add(struct ctl_client *c, const char *text, size_t size);

/* What was added is the answer: send it and close. */
void ctl_client_send(struct ctl_client *c);

/* Drop what was added, answer {"error":"..."} instead. */
void ctl_client_fail(struct ctl_client *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Enter a state that may last so long; 0: as long as it takes. */
void ctl_client_enter(struct ctl_client *c, enum ctl_state state, uint64_t most_ms);

/* Run the request that the client sent: answers now, or later. In ctl_commands.c. */
void ctl_command_run(struct ctl_client *c);

/* Ask for a reload, and wait for its end. In ctl_reload.c. */
void ctl_reload_start(struct ctl_client *c);

/* Queue a request for flows. In ctl_flows.c. */
void ctl_flows_start(struct ctl_client *c);

/* The client has left the queue, with or without an answer: its number is void, the next may ask.
 * Nothing happens when it was not in it. */
void ctl_flows_forget(struct ctl_client *c);

#endif
