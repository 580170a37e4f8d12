// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command while one program of an object is attached, and nothing else of it.
 *
 *   floor OBJECT PROGRAM CGROUP COMMAND [ARG...]
 *
 * CGROUP: the directory to which a cgroup program is attached; others do not use it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int fail(const char *what)
{
	(void)fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	return 125;
}

/* From the file that FLOOR_PREFIXES names: "10.0.0.1" or "10.1.0.0/16", one a line. */
static int fill(const struct bpf_object *object)
{
	const char *path = getenv("FLOOR_PREFIXES");
	FILE *file = path ? fopen(path, "re") : NULL;
	int fd = bpf_object__find_map_fd_by_name(object, "prefixes");
	char line[64];

	while (file && fgets(line, sizeof(line), file)) {
		struct {
			__u32 len;
			unsigned char addr[4];
		} key = { .len = 32 };
		__u32 value = 1;
		char *slash = strpbrk(line, "/\n");

		if (slash && *slash == '/')
			key.len = (__u32)strtoul(slash + 1, NULL, 10);
		if (slash)
			*slash = '\0';
		if (inet_pton(AF_INET, line, key.addr) != 1 ||
		    bpf_map_update_elem(fd, &key, &value, BPF_ANY))
			return -1;
	}
	return path && !file ? -1 : 0;
}

static struct bpf_link *attach(const char *file, const char *name, const char *cgroup)
{
	struct bpf_object *object = bpf_object__open_file(file, NULL);
	struct bpf_program *program, *wanted = NULL;
	int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!object || fd < 0)
		return NULL;
	bpf_object__for_each_program (program, object) {
		if (!strcmp(bpf_program__name(program), name))
			wanted = program;
		else
			(void)bpf_program__set_autoload(program, false); /* not loaded yet: works */
	}
	if (!wanted || bpf_object__load(object) || fill(object))
		return NULL;
	if (bpf_program__type(wanted) == BPF_PROG_TYPE_LSM)
		return bpf_program__attach(wanted);
	return bpf_program__attach_cgroup(wanted, fd);
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	if (argc < 5) {
		errno = EINVAL;
		return fail("usage: floor OBJECT PROGRAM CGROUP COMMAND [ARG...]");
	}
	if (!attach(argv[1], argv[2], argv[3]))
		return fail(argv[2]);
	pid = fork();
	if (!pid) {
		(void)execvp(argv[4], argv + 4);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return fail(argv[4]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
