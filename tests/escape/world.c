// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the techniques try to reach: files with and without rules, a process, listeners, a
 * terminal, System V objects, a key.  Made and kept by a process outside the job, gone with it.
 */
#include "internal.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/un.h>
#include <sys/xattr.h>

enum {
	LISTEN_TCP4,
	LISTEN_TCP6,
	LISTEN_UDP4,
	LISTEN_UDP6,
	LISTEN_STREAM,
	LISTEN_DGRAM,
	LISTEN_SEQPACKET,
	LISTEN_ABSTRACT,
	LISTEN_ABSTRACT_DGRAM,
	LISTEN_GIVER,
	LISTENERS,
};

static int listeners[LISTENERS];
static char place[] = CANARY;
static int shm_id = -1, sem_id = -1, msg_id = -1;
static char queue[64];
static long user_key = -1;

static int put_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int code = fd < 0 ? errno : 0;

	if (!code && write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		code = EIO;
	if (!code)
		code = reached(fchmod(fd, mode));
	if (fd >= 0)
		(void)close(fd);
	return code;
}

static int put_program(const char *path, const char *from)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	int code = fd < 0 || copy_to(fd, from) ? errno : 0;

	if (fd >= 0)
		(void)close(fd);
	return code;
}

static void put_targets(const struct technique *technique, void *ctx)
{
	bool program = strstr(technique->file, "/exec/");
	int *code = ctx;

	if (!*code)
		*code = put_file(none(), CANARY, 0644);
	(void)setxattr(none(), "user.canary", "x", 1, 0);
	if (!*code)
		*code = reached(mkdir(none_dir(), 0755)) ||
			reached(mkdir(below("none/%s.d/empty", technique_name()), 0755));
	if (!*code)
		*code = put_file(below("none/%s.d/inner", technique_name()), CANARY, 0644);
	if (!*code)
		*code = program ? put_program(kept(), "/bin/true") : put_file(kept(), CANARY, 0644);
	if (!*code)
		*code = program ? put_program(look(), "/bin/true") : put_file(look(), CANARY, 0644);
}

static int make_files(void)
{
	static const char *const folders[] = {
		"none",	     "look", "sock", "work",	     "work/kept",
		"work/.git", "mnt",  "gone", "work/secrets", "work/.git/hooks",
	};
	int code = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		if (mkdir(below("%s", folders[i]), 0755))
			return errno;
	}
	each_technique(put_targets, &code);
	if (!code)
		code = put_file(below("none/victim"), CANARY, 0644);
	if (!code)
		code = put_file(below("work/secrets/.env"), CANARY, 0644);
	if (!code)
		code = put_file(below("work/lender"), CANARY, 04755);
	return code ? code : put_program(below("work/escape"), "/proc/self/exe");
}

static int listen_inet(const char *address, int type)
{
	struct sockaddr_storage at;
	socklen_t len = make_address(address, world.port, &at);
	int fd = socket(at.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len))
		return -1;
	if (!world.port && !getsockname(fd, (struct sockaddr *)&at, &len))
		world.port = ntohs(((struct sockaddr_in *)&at)->sin_port);
	return type == SOCK_STREAM && listen(fd, 8) ? -1 : fd;
}

static int listen_unix(const char *name, int type)
{
	struct sockaddr_storage at;
	socklen_t len = make_unix(name, &at);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len))
		return -1;
	return type != SOCK_DGRAM && listen(fd, 8) ? -1 : fd;
}

/* The ports of the four are one; a host without IPv6 has two. */
static int make_listeners(void)
{
	listeners[LISTEN_TCP4] = listen_inet("127.0.0.1", SOCK_STREAM);
	listeners[LISTEN_UDP4] = listen_inet("127.0.0.1", SOCK_DGRAM);
	listeners[LISTEN_TCP6] = listen_inet("::1", SOCK_STREAM);
	listeners[LISTEN_UDP6] = listen_inet("::1", SOCK_DGRAM);
	listeners[LISTEN_STREAM] = listen_unix("sock/stream", SOCK_STREAM);
	listeners[LISTEN_DGRAM] = listen_unix("sock/dgram", SOCK_DGRAM);
	listeners[LISTEN_SEQPACKET] = listen_unix("sock/seqpacket", SOCK_SEQPACKET);
	listeners[LISTEN_ABSTRACT] = listen_unix("@escape-stream", SOCK_STREAM);
	listeners[LISTEN_ABSTRACT_DGRAM] = listen_unix("@escape-dgram", SOCK_DGRAM);
	listeners[LISTEN_GIVER] = listen_unix("giver", SOCK_STREAM);
	for (int i = 0; i < LISTENERS; i++) {
		if (listeners[i] < 0 && i != LISTEN_TCP6 && i != LISTEN_UDP6)
			return errno;
	}
	return 0;
}

static void ignore(int sig)
{
	(void)sig;
}

static void __attribute__((noreturn)) be_victim(int ready)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, "victim");
	(void)setpgid(0, 0);
	for (int sig = 1; sig < 32; sig++)
		(void)signal(sig, ignore);
	(void)close(ready);
	for (;;)
		(void)pause();
}

/* Its descriptor of a file is one that the job may not open. */
static int make_victim(void)
{
	int fd = open(below("none/victim"), O_RDONLY), ready[2];
	char byte;

	if (fd < 0 || pipe(ready))
		return errno;
	world.victim = fork();
	if (!world.victim) {
		(void)close(ready[0]);
		be_victim(ready[1]);
	}
	(void)close(ready[1]);
	(void)!read(ready[0], &byte, 1); /* ends when the victim has closed it */
	(void)close(ready[0]);
	world.victim_fd = fd;
	world.place = (unsigned long)(uintptr_t)place;
	return world.victim < 0 ? errno : 0;
}

static int make_ipc(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	void *at;
	mqd_t mq;

	shm_id = shmget(world.key, 4096, IPC_CREAT | IPC_EXCL | 0600);
	sem_id = semget(world.key, 1, IPC_CREAT | IPC_EXCL | 0600);
	msg_id = msgget(world.key, IPC_CREAT | IPC_EXCL | 0600);
	at = shm_id < 0 ? (void *)-1 : shmat(shm_id, NULL, 0); /* NOLINT: shmat's own */
	if (at == (void *)-1 || sem_id < 0 || msg_id < 0)      /* NOLINT: shmat's own */
		return errno;
	memcpy(at, CANARY, sizeof(CANARY));
	(void)shmdt(at);
	(void)snprintf(queue, sizeof(queue), "/escape.%d", world.key);
	mq = mq_open(queue, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (mq != (mqd_t)-1)
		(void)mq_close(mq);
	return 0; /* a kernel without message queues has none to reach */
}

/* In the user's own keyring, where every process of the user finds it. */
static void make_key(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "escape.%d", world.key);
	user_key = syscall(SYS_add_key, "user", name, CANARY, sizeof(CANARY),
			   KEY_SPEC_USER_KEYRING); /* a kernel without keyrings has none to find */
}

static int make_terminal(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || grantpt(fd) || unlockpt(fd))
		return errno;
	return ptsname_r(fd, world.tty, sizeof(world.tty));
}

static int write_world(void)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		       "dir %s\nvictim %d\nplace %lu\nvictim_fd %d\nport %d\nkey %d\ntty %s\n",
		       world.dir, world.victim, world.place, world.victim_fd, world.port, world.key,
		       world.tty);
	return put_file(below("work/world"), text, 0644);
}

/*
 * strict, and a rule for each kind of target that is not in it.  Without strict's filter of system
 * calls: it makes no events, and what it refuses would prove nothing about the hooks.
 */
static int write_policy(void)
{
	char text[2048];

	(void)snprintf(text, sizeof(text),
		       "version: 1\n"
		       "name: escape\n"
		       "extends: [strict]\n"
		       "filesystem:\n"
		       "  rules:\n"
		       "    - {allow: ro, paths: %s/look}\n"
		       "    - {allow: connect, paths: %s/giver}\n"
		       "    - {deny: rwx, paths: %s/work/kept}\n"
		       "network:\n"
		       "  rules:\n"
		       "    - allow: {to: [127.0.0.9, \"::1\"], ports: 9, protocols: udp}\n"
		       "process: {seccomp: none}\n"
		       "audit: {rate: 10000/s}\n",
		       world.dir, world.dir, world.dir);
	return put_file(below("policy.yaml"), text, 0644);
}

int world_read(void)
{
	FILE *file = fopen("world", "re");
	int n;

	if (!file)
		return errno;
	n = fscanf(file, "dir %255s victim %d place %lu victim_fd %d port %d key %d tty %63s",
		   world.dir, &world.victim, &world.place, &world.victim_fd, &world.port,
		   &world.key, world.tty);
	(void)fclose(file);
	return n == 7 ? 0 : EPROTO;
}

/* One request, one descriptor, to whoever connects. */
static void give(int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	struct iovec part = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	char what = 0;
	int given;

	if (read(fd, &what, 1) != 1)
		return;
	given = what == 'f' ? open(below("none/victim"), O_RDONLY | O_CLOEXEC)
			    : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(CMSG_DATA(&control.head), &given, sizeof(given));
	(void)sendmsg(fd, &message, MSG_NOSIGNAL);
	(void)close(given);
}

static void serve(int which)
{
	char byte;
	int fd;

	if (which == LISTEN_UDP4 || which == LISTEN_UDP6 || which == LISTEN_DGRAM ||
	    which == LISTEN_ABSTRACT_DGRAM) {
		(void)!recv(listeners[which], &byte, 1, MSG_DONTWAIT);
		return;
	}
	fd = accept4(listeners[which], NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (which == LISTEN_GIVER)
		give(fd);
	(void)close(fd);
}

static void serve_all(void)
{
	struct pollfd pollers[LISTENERS + 1] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	char byte;

	for (int i = 0; i < LISTENERS; i++)
		pollers[i + 1] = (struct pollfd){ .fd = listeners[i], .events = POLLIN };
	for (;;) {
		if (poll(pollers, LISTENERS + 1, -1) < 0 && errno != EINTR)
			return;
		if (pollers[0].revents && read(STDIN_FILENO, &byte, 1) <= 0)
			return;
		for (int i = 0; i < LISTENERS; i++) {
			if (pollers[i + 1].revents)
				serve(i);
		}
	}
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)at;
	return kind == FTW_DP ? rmdir(path) : unlink(path);
}

static void remove_all(void)
{
	if (world.victim > 0)
		(void)kill(world.victim, SIGKILL);
	(void)shmctl(shm_id, IPC_RMID, NULL);
	(void)semctl(sem_id, 0, IPC_RMID);
	(void)msgctl(msg_id, IPC_RMID, NULL);
	if (user_key > 0)
		(void)syscall(SYS_keyctl, KEYCTL_INVALIDATE, user_key);
	if (*queue)
		(void)mq_unlink(queue);
	(void)umount2(below("mnt"), MNT_DETACH);
	(void)umount2(below("gone"), MNT_DETACH);
	(void)nftw(world.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

int world_keep(const char *dir, bool harmless)
{
	int code;

	(void)snprintf(world.dir, sizeof(world.dir), "%s", dir);
	world.key = getpid();
	if (mkdir(dir, 0755))
		return 2;
	(void)umask(0);
	code = make_files();
	if (!code)
		code = make_listeners();
	if (!code)
		code = make_victim();
	if (!code)
		code = make_ipc();
	make_key();
	if (!code)
		code = make_terminal();
	if (!code && !harmless) /* for techniques that change a mount, or take one away */
		code = do_mount("escape", below("mnt"), "tmpfs", 0, NULL);
	if (!code && !harmless)
		code = do_mount("escape", below("gone"), "tmpfs", 0, NULL);
	if (!code)
		code = write_world();
	if (!code)
		code = write_policy();
	if (!code) {
		printf("ready\n");
		(void)fflush(stdout);
		serve_all();
	} else {
		printf("failed: %s\n", strerror(code));
	}
	remove_all();
	return code ? 2 : 0;
}
