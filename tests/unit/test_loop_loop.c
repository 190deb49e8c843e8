/* The loop: events, calls after the turn, timers, and what happens to events of what was forgotten. */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "unit.h"

struct end {
	struct watch w;
	struct loop *loop;
	struct end *forget; /* forgets that one when it is called */
	int calls;
};

struct pair {
	struct end a;
	struct end b;
	struct timer stop;
	struct later later;
	struct loop *loop;
	int write_fds[2];
	int later_calls;
	bool ask_again;
};

static void end_ready(struct watch *w, uint32_t events)
{
	struct end *e = container_of(w, struct end, w);

	assert_true(events & EPOLLIN);
	e->calls++;
	if (e->forget)
		loop_forget(e->loop, &e->forget->w);
}

static void stop_fires(struct timer *t)
{
	loop_stop(container_of(t, struct pair, stop)->loop);
}

static void open_end(struct pair *p, struct end *e, int *write_fd)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	*e = (struct end){ .w = { .fd = fds[0], .events = EPOLLIN | EPOLLET, .ready = end_ready },
			   .loop = p->loop };
	*write_fd = fds[1];
	assert_int_equal(loop_watch(p->loop, &e->w), 0);
}

static int setup(void **state)
{
	static struct pair p;

	p = (struct pair){ .stop.fire = stop_fires };
	assert_int_equal(loop_new(&p.loop), 0);
	open_end(&p, &p.a, &p.write_fds[0]);
	open_end(&p, &p.b, &p.write_fds[1]);
	assert_int_equal(timer_arm(p.loop, &p.stop, clock_ms() + 20), 0);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	(void)close(p->a.w.fd);
	(void)close(p->b.w.fd);
	(void)close(p->write_fds[0]);
	(void)close(p->write_fds[1]);
	loop_free(p->loop);
	return 0;
}

static void write_both(struct pair *p)
{
	assert_int_equal(write(p->write_fds[0], "x", 1), 1);
	assert_int_equal(write(p->write_fds[1], "x", 1), 1);
}

static void test_both_are_called(void **state)
{
	struct pair *p = *state;

	write_both(p);
	assert_int_equal(loop_run(p->loop), 0);
	assert_int_equal(p->a.calls, 1);
	assert_int_equal(p->b.calls, 1);
}

/* Whichever comes first forgets the other, whose event of this turn is already fetched. */
static void test_forgotten_is_not_called(void **state)
{
	struct pair *p = *state;

	p->a.forget = &p->b;
	p->b.forget = &p->a;
	write_both(p);
	assert_int_equal(loop_run(p->loop), 0);
	assert_int_equal(p->a.calls + p->b.calls, 1);
}

static void test_forgetting_twice_is_fine(void **state)
{
	struct pair *p = *state;

	loop_forget(p->loop, &p->a.w);
	loop_forget(p->loop, &p->a.w);
	write_both(p);
	assert_int_equal(loop_run(p->loop), 0);
	assert_int_equal(p->a.calls, 0);
}

static void later_called(struct later *l)
{
	struct pair *p = container_of(l, struct pair, later);

	p->later_calls++;
	if (p->ask_again) {
		p->ask_again = false;
		loop_later(p->loop, l);
	}
}

static void test_later_is_called_once_per_asking(void **state)
{
	struct pair *p = *state;

	p->later.call = later_called;
	p->ask_again = true;
	loop_later(p->loop, &p->later);
	loop_later(p->loop, &p->later);
	assert_int_equal(p->later_calls, 0);
	assert_int_equal(loop_run(p->loop), 0);
	assert_int_equal(p->later_calls, 2); /* once for both askings, once for its own */
}

struct caught {
	struct signals s;
	int number;
};

static void caught(struct signals *s, int number)
{
	container_of(s, struct caught, s)->number = number;
}

static void test_signals_come_through_the_loop(void **state)
{
	static const int numbers[] = { SIGUSR1, 0 };
	struct pair *p = *state;
	struct caught c = { .s.caught = caught };

	assert_int_equal(signals_start(&c.s, p->loop, numbers), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(loop_run(p->loop), 0);
	assert_int_equal(c.number, SIGUSR1);
	signals_done(&c.s);
	signals_done(&c.s); /* twice is fine */
}

static void test_watching_nothing_fails(void **state)
{
	struct pair *p = *state;
	struct watch w = { .fd = -1, .events = EPOLLIN, .ready = end_ready };

	assert_int_equal(loop_watch(p->loop, &w), -EBADF);
	assert_int_equal(loop_change(p->loop, &w, EPOLLOUT), -EBADF);
}

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_both_are_called),
		LOOP_TEST(test_forgotten_is_not_called),
		LOOP_TEST(test_forgetting_twice_is_fine),
		LOOP_TEST(test_later_is_called_once_per_asking),
		LOOP_TEST(test_signals_come_through_the_loop),
		LOOP_TEST(test_watching_nothing_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
