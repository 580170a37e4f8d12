// SPDX-License-Identifier: GPL-2.0-only
/* The key of a log's chain: a file that only root can read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/chain.h"
#include "lib/cleanup.h"

#define KEY_MIN 16 /* bytes; fewer can be guessed */

void sbx_chain_key_free(struct sbx_chain_key *key)
{
	if (!key)
		return;
	explicit_bzero(key, sizeof(*key));
	free(key);
}

/* Whoever else can read the key can rewrite the log, and whoever can write it can choose it. */
static int check_file(int fd, const char *path, struct sbx_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return sbx_fail(err, errno, NULL, "the key \"%s\" cannot be read: %s", path,
				sbx_errno_name(errno));
	if (!S_ISREG(st.st_mode))
		return sbx_fail(err, EINVAL, "name a regular file", "the key \"%s\" is no file",
				path);
	if ((st.st_uid && st.st_uid != geteuid()) || (st.st_mode & 077))
		return sbx_fail(err, EPERM, "chmod 600 it, and chown it to root",
				"the key \"%s\" can be read or changed by others", path);
	return 0;
}

int sbx_chain_key_read(const char *path, struct sbx_chain_key **ret_key, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct sbx_chain_key *key;
	ssize_t n;
	int r;

	if (fd < 0)
		return sbx_fail(err, errno, "head -c 32 /dev/urandom > FILE, with umask 077",
				"the key \"%s\" cannot be opened: %s", path, sbx_errno_name(errno));
	r = check_file(fd, path, err);
	if (r)
		return r;
	key = calloc(1, sizeof(*key));
	if (!key)
		return sbx_fail(err, ENOMEM, NULL, "no memory for the key");
	n = read(fd, key->bytes, sizeof(key->bytes));
	if (n < KEY_MIN) {
		r = n < 0 ? errno : EINVAL;
		sbx_chain_key_free(key);
		return sbx_fail(err, r, "head -c 32 /dev/urandom > FILE, with umask 077",
				"the key \"%s\" has fewer than %d bytes", path, KEY_MIN);
	}
	key->len = (size_t)n;
	*ret_key = key;
	return 0;
}
