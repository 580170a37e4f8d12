// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second spellings of a policy's paths: symbolic links of the longest existing prefix.  Goes up
 * from the path to a prefix that is known, then down by one readlink() a component; below a
 * missing directory there is nothing to ask.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

#define BUCKETS 1024 /* a large policy has about as many prefixes; more only make chains longer */

struct known {
	struct known *next;
	bool missing; /* nothing exists there, nor below */
	size_t len;   /* of the prefix, which is followed by its real path */
	char text[];
};

struct sbx_resolver {
	const struct sbx_policy *policy; /* whose private directories are not looked into */
	const char *workdir;
	char root[PATH_MAX]; /* real path of the job's root; "": the host's */
	int root_fd;	     /* -1: the host's */
	struct known *buckets[BUCKETS];
};

/* FNV-1a: the names come from the policy's author, not from an attacker. */
static size_t bucket_of(const char *prefix, size_t len)
{
	unsigned int hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)prefix[i]) * 16777619u;
	return hash % BUCKETS;
}

struct sbx_resolver *sbx_resolver_new(const struct sbx_policy *policy, const char *workdir)
{
	struct sbx_resolver *resolver = calloc(1, sizeof(*resolver));

	if (!resolver)
		return NULL;
	resolver->policy = policy;
	resolver->workdir = workdir;
	resolver->root_fd = -1;
	if (policy && policy->root.path && realpath(policy->root.path, resolver->root))
		resolver->root_fd = open(resolver->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return resolver; /* an image that is not there stops the run later */
}

void sbx_resolver_free(struct sbx_resolver *resolver)
{
	if (!resolver)
		return;
	sbx_closep(&resolver->root_fd);
	for (size_t i = 0; i < BUCKETS; i++) {
		while (resolver->buckets[i]) {
			struct known *entry = resolver->buckets[i];

			resolver->buckets[i] = entry->next;
			free(entry);
		}
	}
	free(resolver);
}

static const struct known *find(const struct sbx_resolver *resolver, const char *prefix, size_t len)
{
	const struct known *entry = resolver ? resolver->buckets[bucket_of(prefix, len)] : NULL;

	while (entry && (entry->len != len || memcmp(entry->text, prefix, len)))
		entry = entry->next;
	return entry;
}

/* Without memory it is asked again the next time. */
static void remember(struct sbx_resolver *resolver, const char *prefix, size_t len,
		     const char *real, bool missing)
{
	size_t size = strlen(real) + 1;
	struct known *entry = resolver ? malloc(sizeof(*entry) + len + size) : NULL;
	size_t bucket;

	if (!entry)
		return;
	bucket = bucket_of(prefix, len);
	entry->missing = missing;
	entry->len = len;
	memcpy(entry->text, prefix, len);
	memcpy(entry->text + len, real, size);
	entry->next = resolver->buckets[bucket];
	resolver->buckets[bucket] = entry;
}

/* The kernel follows whatever links there are: the file's path, or a negative errno. */
static int follow(const struct sbx_resolver *resolver, const char *path, char *out, size_t size)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	bool image = resolver && resolver->root_fd >= 0;
	sbx_cleanup(sbx_closep) int fd =
		image ? (int)syscall(SYS_openat2, resolver->root_fd, path, &how, sizeof(how))
		      : open(path, O_PATH | O_CLOEXEC);
	size_t len = image ? strlen(resolver->root) : 0;
	char link[64];
	ssize_t n;

	if (fd < 0)
		return -errno;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, size - 1);
	if (n < 0)
		return -errno;
	out[n] = '\0';
	if (len && strncmp(out, resolver->root, len) != 0)
		return -ENOENT; /* the image was moved meanwhile */
	memmove(out, out + len, (size_t)n - len + 1);
	if (!*out && size > 1)
		memcpy(out, "/", sizeof("/"));
	return *out == '/' ? 0 : -ENOENT; /* "pipe:[1]": behind a link, but without a path */
}

/* Both texts, one behind the other.  By hand, because a policy has many paths. */
static int put_both(char *out, size_t size, const char *head, const char *tail)
{
	size_t n = strlen(head), m = strlen(tail);

	if (n + m >= size)
		return -ENAMETOOLONG;
	memmove(out, head, n);
	memcpy(out + n, tail, m + 1);
	return 0;
}

/*
 * Appends one component to `real`, which exists unless *missing, and follows it if it is a link.
 * A link that leads nowhere counts as missing: it keeps its own name.
 */
static int descend(const struct sbx_resolver *resolver, char *real, const char *name, size_t len,
		   bool *missing)
{
	bool image = resolver && resolver->root_fd >= 0;
	size_t at = strlen(real);
	char target[PATH_MAX];
	int r;

	if (at + len + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	real[at] = '/';
	memcpy(real + at + 1, name, len);
	real[at + 1 + len] = '\0';
	if (*missing)
		return 0;
	if (readlinkat(image ? resolver->root_fd : AT_FDCWD, image ? real + 1 : real, target,
		       sizeof(target)) < 0) {
		*missing = errno != EINVAL; /* EINVAL: there, and no link */
		return *missing && errno != ENOENT && errno != ENOTDIR ? -errno : 0;
	}
	r = follow(resolver, real, target, sizeof(target));
	if (!r)
		(void)put_both(real, PATH_MAX, strcmp(target, "/") ? target : "", ""); /* fits */
	*missing = r != 0;
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP ? 0 : r;
}

/* The longest prefix of path[0..len) that is known; its real path is put into `real`. */
static size_t start_at(const struct sbx_resolver *resolver, const char *path, size_t len,
		       char *real, bool *missing)
{
	while (len) {
		const struct known *entry = find(resolver, path, len);

		if (entry) {
			memcpy(real, entry->text + len, strlen(entry->text + len) + 1);
			*missing = entry->missing;
			return len;
		}
		while (len && path[--len] != '/')
			;
	}
	real[0] = '\0';
	*missing = false;
	return 0;
}

int sbx_job_resolve(const char *path, char *out, size_t size, void *ctx)
{
	struct sbx_resolver *resolver = ctx;
	const char *star = strchr(path, '*');
	size_t len = star ? (size_t)(star - path) : strlen(path);
	char real[PATH_MAX];
	bool missing;
	size_t at;
	int r;

	if (*path != '/' || len >= PATH_MAX)
		return -EINVAL;
	if (resolver && resolver->policy &&
	    sbx_path_is_hidden(resolver->policy, resolver->workdir, path)) {
		/* What lies there on the host is not what the job sees, which begins empty. */
		return put_both(out, size, path, "");
	}
	while (star && len && path[len - 1] != '/')
		len--; /* the component that holds the wildcard */
	while (len && path[len - 1] == '/')
		len--;
	at = start_at(resolver, path, len, real, &missing);
	while (at < len && !missing) { /* below what is missing all names stay as they are */
		size_t name = at + 1;
		size_t end = name + strcspn(path + name, "/");

		r = end > name ? descend(resolver, real, path + name, end - name, &missing) : 0;
		if (r)
			return r;
		remember(resolver, path, end, real, missing);
		at = end;
	}
	r = put_both(out, size, real, path + at);
	if (r)
		return r;
	if (!*out && size > 1)
		memcpy(out, "/", sizeof("/"));
	return 0;
}
