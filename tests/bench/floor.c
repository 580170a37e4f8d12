// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command while one program of an object is attached, and nothing else of it.
 *
 *   floor OBJECT PROGRAM CGROUP COMMAND [ARG...]
 *
 * CGROUP: the directory to which a cgroup program is attached; others do not use it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

static int fail(const char *what)
{
	(void)fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	return 125;
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
	if (!wanted || bpf_object__load(object))
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
