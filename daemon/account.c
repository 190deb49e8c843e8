/* The users of this box that we become. */
#include "account.h"

#include <errno.h>
#include <pwd.h>

enum {
	NOBODY = 65534, /* where not even the user nobody is known */
};

int account_of_children(struct sandbox_user *out, const char *name, struct fault *fault)
{
	const struct passwd *pw = getpwnam(name ? name : "shunt");

	if (!pw && !name)
		pw = getpwnam("nobody");
	if (!pw && name)
		return fault_set(fault, -EINVAL,
				 "user = %s: there is no such user: create it or name another",
				 name);
	out->uid = pw ? pw->pw_uid : NOBODY;
	out->gid = pw ? pw->pw_gid : NOBODY;
	return 0;
}

int account_of_program(struct sandbox_user *out, const char *name,
		       const struct sandbox_user *children, struct fault *fault)
{
	const struct passwd *pw = getpwnam(name);

	if (!pw)
		return fault_set(fault, -EINVAL,
				 "exec_user = %s: there is no such user: create it or name another",
				 name);
	if (pw->pw_uid == 0)
		return fault_set(fault, -EINVAL,
				 "exec_user = %s: no program is run as root: name another user",
				 name);
	if (pw->pw_gid == 0)
		return fault_set(fault, -EINVAL,
				 "exec_user = %s: its group is root's: name another user", name);
	if (pw->pw_uid == children->uid)
		return fault_set(
			fault, -EINVAL,
			"exec_user = %s: that is whom shuntd's children are: create a user "
			"`shunt` for them, or name another user here",
			name);
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	return 0;
}
