/* The file of the control socket: whose it is, who may open it, and what is done about old ones. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/ctl_socket.h"
#include "unit.h"

struct place {
	char dir[64];
	char path[128]; /* in a directory that does not exist yet */
	char group[16]; /* our own, as a number */
	struct fault fault;
};

static int setup(void **state)
{
	static struct place place;

	(void)snprintf(place.dir, sizeof(place.dir), "/tmp/shunt-test-ctl.XXXXXX");
	if (mkdtemp(place.dir) == NULL)
		return -1;
	(void)snprintf(place.path, sizeof(place.path), "%s/run/control.sock", place.dir);
	(void)snprintf(place.group, sizeof(place.group), "%u", getegid());
	place.fault = (struct fault){ .err = 0 };
	*state = &place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char run[128];

	(void)unlink(place->path);
	(void)snprintf(run, sizeof(run), "%s/run", place->dir);
	(void)rmdir(run);
	return rmdir(place->dir); /* fails when something was left behind */
}

static struct ctl_socket open_good(struct place *place)
{
	struct ctl_socket s = { .on.fd = -1 };
	int err = ctl_socket_open(&s, place->path, place->group, &place->fault);

	assert_string_equal(place->fault.text, "");
	assert_int_equal(err, 0);
	return s;
}

static int connect_to(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_true(fd >= 0);
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	assert_int_equal(close(fd), 0);
	return -1;
}

static void test_made_with_its_directory_and_removed(void **state)
{
	struct place *place = *state;
	struct stat file;
	mode_t mask = umask(0077); /* as under a strict service manager */
	struct ctl_socket s = open_good(place);
	char run[128];
	int client;

	(void)umask(mask);
	(void)snprintf(run, sizeof(run), "%s/run", place->dir);
	assert_int_equal(stat(run, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0755);
	assert_int_equal(stat(place->path, &file), 0);
	assert_true(S_ISSOCK(file.st_mode));
	assert_int_equal(file.st_mode & 07777, 0660);
	assert_int_equal(file.st_gid, getegid());
	client = connect_to(place->path);
	assert_true(client >= 0);
	assert_int_equal(close(client), 0);
	ctl_socket_close(&s);
	assert_int_equal(s.on.fd, -1);
	assert_int_equal(stat(place->path, &file), -1);
	ctl_socket_close(&s); /* twice is once */
}

static void test_dead_one_is_replaced(void **state)
{
	struct place *place = *state;
	struct ctl_socket dead = open_good(place), s;
	int client;

	assert_int_equal(close(dead.on.fd), 0); /* as if killed: the file stays */
	assert_int_equal(connect_to(place->path), -1);
	s = open_good(place);
	client = connect_to(place->path);
	assert_true(client >= 0);
	assert_int_equal(close(client), 0);
	ctl_socket_close(&s);
}

static void test_live_one_is_left_alone(void **state)
{
	struct place *place = *state;
	struct ctl_socket live = open_good(place), s = { .on.fd = -7 };
	int client;

	assert_int_equal(ctl_socket_open(&s, place->path, place->group, &place->fault),
			 -EADDRINUSE);
	assert_int_equal(s.on.fd, -7); /* untouched */
	assert_non_null(strstr(place->fault.text, "another shuntd answers on /tmp/"));
	client = connect_to(place->path);
	assert_true(client >= 0);
	assert_int_equal(close(client), 0);
	ctl_socket_close(&live);
}

static void test_a_successors_file_is_not_removed(void **state)
{
	struct place *place = *state;
	struct ctl_socket first = open_good(place), second;
	struct stat file;

	assert_int_equal(unlink(place->path), 0);
	second = open_good(place);
	ctl_socket_close(&first);
	assert_int_equal(stat(place->path, &file), 0);
	ctl_socket_close(&second);
}

static void test_other_files_are_not_removed(void **state)
{
	struct place *place = *state;
	struct ctl_socket s = { .on.fd = -1 };
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/file", place->dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(ctl_socket_open(&s, path, place->group, &place->fault), -EEXIST);
	assert_non_null(strstr(place->fault.text, "no socket is there"));
	assert_int_equal(unlink(path), 0); /* it is still there */
}

static void expect_fault(struct place *place, const char *path, const char *group, int err,
			 const char *text)
{
	struct ctl_socket s = { .on.fd = -1 };

	place->fault.text[0] = '\0';
	assert_int_equal(ctl_socket_open(&s, path, group, &place->fault), err);
	assert_non_null(strstr(place->fault.text, text));
}

static void test_faults_name_the_object(void **state)
{
	struct place *place = *state;
	char path[300];

	expect_fault(place, place->path, "no-such-group", -ENOENT, "control_group no-such-group");
	(void)snprintf(path, sizeof(path), "%s/a/b/c.sock", place->dir);
	expect_fault(place, path, place->group, -ENOENT, path);
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	expect_fault(place, path, place->group, -ENAMETOOLONG, "longer than 107 characters");
}

/* Connect as somebody else and say whether that one may change something. */
static bool other_may(struct place *place, uid_t uid, gid_t gid, gid_t also, gid_t group)
{
	struct ctl_socket s = open_good(place);
	int fd, status;
	pid_t child;
	bool may;

	assert_int_equal(chmod(place->path, 0666), 0);
	assert_int_equal(chmod(place->dir, 0755), 0);
	child = fork();
	if (child == 0) {
		if (setgroups(1, &also) < 0 || setgid(gid) < 0 || setuid(uid) < 0)
			_exit(1);
		_exit(connect_to(place->path) < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	fd = accept4(s.on.fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	may = ctl_socket_peer_may_change(fd, group);
	assert_int_equal(close(fd), 0);
	ctl_socket_close(&s);
	return may;
}

static void test_who_may_change(void **state)
{
	struct place *place = *state;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_true(ctl_socket_peer_may_change(pair[0], getegid()));
	assert_int_equal(close(pair[0]) | close(pair[1]), 0);
	assert_false(ctl_socket_peer_may_change(-1, 0)); /* who cannot be asked may not */
	if (getuid() != 0)
		return; /* cannot become others */
	assert_true(other_may(place, 0, 4000, 4001, 4002));
	assert_true(other_may(place, 4000, 4002, 4001, 4002));
	assert_true(other_may(place, 4000, 4001, 4002, 4002));
	assert_false(other_may(place, 4000, 4000, 4001, 4002));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_made_with_its_directory_and_removed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_dead_one_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_live_one_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_successors_file_is_not_removed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_other_files_are_not_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults_name_the_object, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_may_change, setup, teardown),
	};

	(void)alarm(30); /* a test that hangs has failed */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
