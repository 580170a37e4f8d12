// SPDX-License-Identifier: GPL-2.0-only
/* What many techniques need: paths, results, children, programs, io_uring, sockets. */
#include "internal.h"

#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/sendfile.h>
#include <sys/un.h>

#define ANSWER_MS 2000
#define PATHS 16

static const char *keep(const char *text)
{
	static char room[PATHS][512];
	static unsigned int next;
	char *at = room[next++ % PATHS];

	(void)snprintf(at, sizeof(room[0]), "%s", text);
	return at;
}

const char *below(const char *fmt, ...)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s/", world.dir);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, args);
	va_end(args);
	return keep(text);
}

const char *none(void)
{
	return below("none/%s", technique_name());
}

const char *none_dir(void)
{
	return below("none/%s.d", technique_name());
}

const char *none_new(void)
{
	return below("none/%s.d/new", technique_name());
}

const char *none_empty(void)
{
	return below("none/%s.d/empty", technique_name());
}

const char *kept(void)
{
	return below("work/kept/%s", technique_name());
}

const char *look(void)
{
	return below("look/%s", technique_name());
}

const char *mine(void)
{
	return below("work/%s", technique_name());
}

int reached(long result)
{
	return result < 0 ? errno : 0;
}

int opened(long fd)
{
	if (fd < 0)
		return errno;
	(void)close((int)fd);
	return 0;
}

int canary_in(int fd)
{
	char text[sizeof(CANARY)] = "";
	int code;

	if (fd < 0)
		return errno;
	code = read(fd, text, sizeof(text) - 1) < 0 ? errno : strcmp(text, CANARY) ? EBADMSG : 0;
	(void)close(fd);
	return code;
}

int read_canary(const char *path)
{
	return canary_in(open(path, O_RDONLY | O_CLOEXEC));
}

int open_to_write(const char *path)
{
	return opened(open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY));
}

static int wait_code(pid_t pid, const int *code)
{
	int status;

	if (waitpid(pid, &status, __WALL) < 0)
		return errno;
	return WIFSIGNALED(status) ? SIGNALED + WTERMSIG(status) : *code;
}

int in_child(int (*fn)(void))
{
	int *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if ((void *)code == MAP_FAILED)
		return errno;
	*code = EPROTO;
	pid = fork();
	if (!pid) {
		*code = fn();
		_exit(0);
	}
	return pid < 0 ? errno : wait_code(pid, code);
}

/* The errno of a failed exec comes by a pipe that a good one closes. */
static int exec_in_child(int fd, const char *path, char *const argv[], char *const env[], int flags)
{
	int pipes[2], code = 0, status;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	pid = fork();
	if (!pid) {
		(void)execveat(fd, path, argv, env, flags);
		code = errno;
		_exit(write(pipes[1], &code, sizeof(code)) != sizeof(code));
	}
	(void)close(pipes[1]);
	if (pid < 0 || read(pipes[0], &code, sizeof(code)) < 0)
		code = errno;
	(void)close(pipes[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	if (WIFSIGNALED(status))
		return SIGNALED + WTERMSIG(status);
	return code ? code : WEXITSTATUS(status) ? EACCES : 0; /* the loader was refused */
}

int run_program(char *const argv[], char *const env[])
{
	static char *const none_of_it[] = { NULL };

	return exec_in_child(AT_FDCWD, argv[0], argv, env ? env : none_of_it, 0);
}

int run_fd(int fd)
{
	char *const argv[] = { (char[]){ "program" }, NULL };
	char *const env[] = { NULL };

	return fd < 0 ? errno : exec_in_child(fd, "", argv, env, AT_EMPTY_PATH);
}

int copy_to(int fd, const char *from)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	struct stat st;
	off_t at = 0;

	if (in < 0)
		return -1;
	if (fstat(in, &st))
		st.st_size = 0;
	while (at < st.st_size && sendfile(fd, in, &at, (size_t)(st.st_size - at)) > 0)
		continue;
	(void)close(in);
	return at == st.st_size ? 0 : -1;
}

int copy_program(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0755);

	if (fd >= 0 && copy_to(fd, "/bin/true")) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

const char *library(const char *name)
{
	static const char *const folders[] = { "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
					       "/lib64", "/lib" };
	char path[256];

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (!access(path, R_OK))
			break;
	}
	return keep(path);
}

static void __attribute__((noreturn)) show_maps(char *variable, int out)
{
	char *const argv[] = { (char[]){ "/bin/cat" }, (char[]){ "/proc/self/maps" }, NULL };
	char *const env[] = { variable, NULL };

	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	(void)execve(argv[0], argv, env);
	_exit(errno);
}

int preloaded(const char *name, const char *value, const char *part)
{
	static char text[65536];
	char variable[512];
	size_t at = 0;
	ssize_t n;
	int pipes[2], status;
	pid_t pid;

	(void)snprintf(variable, sizeof(variable), "%s=%s", name, value);
	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	pid = fork();
	if (!pid)
		show_maps(variable, pipes[1]);
	(void)close(pipes[1]);
	while ((n = read(pipes[0], text + at, sizeof(text) - 1 - at)) > 0)
		at += (size_t)n;
	(void)close(pipes[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	if (WIFSIGNALED(status))
		return SIGNALED + WTERMSIG(status);
	if (WEXITSTATUS(status))
		return WEXITSTATUS(status);
	return strstr(text, part) ? 0 : EPERM; /* the loader took no notice of it */
}

/* --- io_uring -------------------------------------------------------------------------------- */

int uring_with(unsigned int setup_flags, const struct io_uring_sqe *sqe)
{
	struct io_uring_params params = { .flags = setup_flags };
	int fd = (int)syscall(SYS_io_uring_setup, 1, &params);
	unsigned int enter = IORING_ENTER_GETEVENTS;
	size_t size;
	char *ring;
	struct io_uring_sqe *sqes;

	if (fd < 0)
		return -errno;
	size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (size < params.sq_off.array + params.sq_entries * sizeof(__u32))
		size = params.sq_off.array + params.sq_entries * sizeof(__u32);
	ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
	if (ring == MAP_FAILED || (void *)sqes == MAP_FAILED)
		return -EPROTO;
	*sqes = *sqe;
	*(__u32 *)(void *)(ring + params.sq_off.array) = 0;
	__atomic_store_n((__u32 *)(void *)(ring + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (setup_flags & IORING_SETUP_SQPOLL)
		enter |= IORING_ENTER_SQ_WAKEUP;
	if (syscall(SYS_io_uring_enter, fd, 1, 1, enter, NULL, 0) < 0)
		return -errno;
	return ((struct io_uring_cqe *)(void *)(ring + params.cq_off.cqes))->res;
}

int uring(const struct io_uring_sqe *sqe)
{
	return uring_with(0, sqe);
}

/* --- sockets --------------------------------------------------------------------------------- */

socklen_t make_address(const char *address, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	(void)inet_pton(AF_INET6, address, &v6->sin6_addr);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return sizeof(*v6);
}

static int connected(int fd, const struct sockaddr *to, socklen_t len)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int code = 0;

	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, to, len))
		code = errno;
	if (code == EINPROGRESS) {
		if (poll(&poller, 1, ANSWER_MS) <= 0)
			return ETIMEDOUT;
		code = getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) ? errno : code;
	}
	return code == ECONNREFUSED ? 0 : code;
}

int connect_with(int fd, const char *address, int port)
{
	struct sockaddr_storage to;
	socklen_t len = make_address(address, port, &to);
	int code;

	if (fd < 0)
		return errno;
	code = connected(fd, (struct sockaddr *)&to, len);
	(void)close(fd);
	return code;
}

static int family_of(const char *address)
{
	return strchr(address, ':') ? AF_INET6 : AF_INET;
}

int connect_tcp(const char *address, int port)
{
	return connect_with(socket(family_of(address), SOCK_STREAM | SOCK_CLOEXEC, 0), address,
			    port);
}

int send_with(int fd, const char *address, int port)
{
	struct sockaddr_storage to;
	socklen_t len = make_address(address, port, &to);
	int code;

	if (fd < 0)
		return errno;
	code = reached(sendto(fd, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&to, len));
	(void)close(fd);
	return code;
}

int send_udp(const char *address, int port)
{
	return send_with(socket(family_of(address), SOCK_DGRAM | SOCK_CLOEXEC, 0), address, port);
}

int socket_reached(int family, int type, int protocol)
{
	return opened(socket(family, type | SOCK_CLOEXEC, protocol));
}

socklen_t make_unix(const char *name, struct sockaddr_storage *out)
{
	struct sockaddr_un *un = (struct sockaddr_un *)out;
	char text[sizeof(un->sun_path)];
	int n;

	memset(out, 0, sizeof(*out));
	un->sun_family = AF_UNIX;
	if (*name == '@') /* the world's process id makes it unique */
		n = snprintf(text, sizeof(text), "%s.%d", name, world.key);
	else if (*name == '/')
		n = snprintf(text, sizeof(text), "%s", name);
	else
		n = snprintf(text, sizeof(text), "%s/%s", world.dir, name);
	memcpy(un->sun_path, text, sizeof(text));
	if (*name == '@')
		un->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + (*name != '@'));
}

int unix_connect(int type, const char *name)
{
	struct sockaddr_storage to;
	socklen_t len = make_unix(name, &to);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	int code;

	if (fd < 0)
		return errno;
	code = reached(connect(fd, (struct sockaddr *)&to, len));
	(void)close(fd);
	return code;
}

int receive_fd(char what)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct sockaddr_storage to;
	socklen_t len = make_unix("giver", &to);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), got = -1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, len) || write(fd, &what, 1) != 1)
		return -1;
	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	(void)close(fd);
	if (message.msg_controllen < sizeof(struct cmsghdr) || (message.msg_flags & MSG_CTRUNC)) {
		errno = EACCES; /* the kernel leaves out what may not be received */
		return -1;
	}
	memcpy(&got, CMSG_DATA(&control.head), sizeof(got));
	return got;
}

int do_mount(const char *source, const char *target, const char *type, unsigned long flags,
	     const char *data)
{
	return reached(syscall(SYS_mount, source, target, type, flags, data));
}
