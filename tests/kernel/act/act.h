/* SPDX-License-Identifier: GPL-2.0-only */
/* clang-format off: a table */
/*
 * act: does a list of things and says of each how it went.
 *
 *	act WORD... , WORD... , ...	one line an act: "ok" or an errno's name
 *	act -x WORD...			one act, no output; exit status is the errno, 0: ok
 *	act				exit status 0
 *
 * A static program, so that starting it touches no file but itself.  Acts:
 *
 * Files (FLAGS: r, w, rw, then any of +append +trunc +creat +excl +path +dir +nofollow +tmpfile
 * +noatime +nonblock; `none` is access mode 3):
 *	open FLAGS PATH		openat2 FLAGS PATH	uring-open FLAGS PATH	creat PATH
 *	uring-worker FLAGS PATH	proc FLAGS PID NAME	opens /proc/PID/NAME
 *	handle-open FLAGS PATH DIR	open_by_handle_at; DIR: of the same mount, may be listed
 *	handle-get PATH		handle-use FLAGS DIR	the same in two acts
 *	read PATH  write PATH	open and one byte	list DIR		cd DIR
 *	mkdir PATH		rmdir PATH		unlink PATH		symlink TO PATH
 *	mkfifo PATH		mksock PATH		mkreg PATH		(mknod)
 *	mkchr PATH MAJOR MINOR	mkblk PATH MAJOR MINOR
 *	rename A B		rename-new A B		exchange A B		link A B
 *	rename-whiteout A B
 *	link-follow A B		truncate PATH		chmod PATH MODE		chown PATH UID
 *	utimes PATH		touch PATH (to now)	setxattr PATH NAME	rmxattr PATH NAME
 *	getflags PATH		setflags PATH		FS_IOC_SETFLAGS with what it has
 *	setacl PATH		stat PATH		readlink PATH		access PATH
 * Descriptors:
 *	hold FD FLAGS PATH	opens as number FD (3 to 99) for the acts that follow
 *	memfd FD		pipe FD (FD reads, FD+1 writes)		close FD
 *	fd-read FD  fd-write FD  fd-list FD  fd-truncate FD  fd-chmod FD  fd-chown FD
 *	fd-utimes FD  fd-setxattr FD NAME  fd-rmxattr FD NAME  fd-setflags FD
 *	fd-link FD PATH		fd-exec FD		fd-map FD PROT		fd-copy FD PATH
 * By less common doors (io_uring, newer calls, watches; what is sent over descriptor 0):
 *	uring-openat2 FLAGS PATH	uring-mkdir PATH	uring-unlink PATH
 *	uring-rename A B	uring-link A B		uring-symlink TO PATH
 *	uring-setxattr PATH NAME	setxattrat PATH NAME	removexattrat PATH NAME
 *	file-setattr PATH	fchmodat2 PATH		tmpfile-link DIR PATH
 *	write-by-reading PATH FROM	"ok" when no call writes to what was opened for reading
 *	watch PATH  fan-watch PATH  fan-mount PATH  fan-filesystem PATH  fd-notify FD
 *	receive FD		ENODATA when the kernel kept the descriptor back
 * Execution (the program runs in a child; "exit-N" when it does not exit with 0, "SIG..." when
 * it is killed):
 *	exec PATH [ARG]...	execat DIR NAME [ARG]...
 *	map PATH PROT		mmap; PROT of the letters r w x; opened for reading
 *	protect PATH PROT	mmap read-only and private, then mprotect
 *	protect-anon PROT	the same without a file		map-anon PROT
 *	protect-changed PATH PROT	mapped privately and written to, then mprotect
 *	protect-code PATH PROT	mapped executable, then mprotect
 *	protect-stack PROT	brk-implied (the heap, under READ_IMPLIES_EXEC)
 *	protect-shared PROT  map-shared PROT	shared anonymous memory; shm-exec: System V's
 *	map-implied PATH	mapped for reading under READ_IMPLIES_EXEC
 *	env-exec NAME=VALUE PROGRAM [ARG]...	with that in the environment, between others
 *	env-far COUNT LENGTH NAME=VALUE PROGRAM [ARG]...	behind COUNT empty strings and a
 *long one secure			exit status 7 when AT_SECURE is set has-env NAME
 *ENODATA when the environment lacks it Before another act: fork ACT	thread ACT	double-fork
 *ACT (setsid, orphaned) chrooted DIR ACT	in a child times N ACT		until the first
 *failure denied ACT		"ok" when it is EACCES or EPERM, EEXIST when it went well synced ACT
 *waits for a byte on standard input first in-cgroup DIR ACT	in a child cloned into that cgroup;
 *CLONE errors are the result Network (ADDR decides the family; SOCK: tcp, udp, mptcp, sctp,
 *udplite, icmp): socket FAMILY TYPE PROTO	names (inet inet6 unix netlink packet vsock alg xdp,
 *				stream dgram raw seqpacket) or numbers
 *	socketpair FAMILY TYPE PROTO
 *	connect SOCK ADDR PORT		"ok" also for ECONNREFUSED: the kernel let it out
 *	connect-refused SOCK ADDR PORT	the bare result
 *	connect-scope ADDR PORT IFINDEX	connect-unspec SOCK ADDR PORT (connected, then AF_UNSPEC)
 *	fastopen ADDR PORT	send SOCK ADDR PORT	sendmmsg ADDR PORT
 *	prlimit PID  setpriority PID  tiocsti (a new terminal's)  set-ifflags (lo, as they are)
 *reboot-cad send-route ADDR PORT HOP	UDP, with a loose source route connect-send SOCK ADDR PORT
 *sendmsg ADDR PORT bind SOCK ADDR PORT	listen ADDR PORT	listen-unbound accept ADDR PORT
 *(listen, then self-connect) uring-connect ADDR PORT	netlink PROTO socket-hold FD FAMILY TYPE
 *PROTO	stays open as FD	fd-connect FD ADDR PORT unix-connect TYPE PATH|@NAME
 *unix-send PATH|@NAME	unix-bind TYPE PATH|@NAME
 *	unix-listen FD TYPE PATH|@NAME		stays open as FD
 *	unix-self TYPE PATH|@NAME		binds, listens and connects to itself
 * Traffic by IPv4, of a known size:
 *	pump ADDR PORT N BYTES	UDP: N datagrams, each echoed before the next
 *	spray ADDR N BYTES	UDP: one datagram to each of N addresses from ADDR on
 *	pour ADDR PORT BYTES	TCP: until the other end has it all
 *	raw-flood ADDR MS	a raw socket's packets of 1,000 bytes, as many as go
 * By less common roads (the same results as connect and send):
 *	connect-fastopen ADDR PORT (TCP_FASTOPEN_CONNECT)	connect-device ADDR PORT (on lo)
 *	connect-transparent ADDR PORT	uring-send ADDR PORT	broadcast ADDR PORT
 *	ping ADDR	ping-connected ADDR	an ICMP datagram socket; waits for the answer
 *	raw-udp ADDR PORT	raw-header FROM TO PORT PROTO FRAGMENT	by raw sockets
 *	answer-from ADDR PORT	a datagram there, and waits for one from anywhere
 *	route TYPE [TYPE]	messages to NETLINK_ROUTE in one datagram	getifaddrs
 * DNS (TYPE is a number; ETIMEDOUT: no answer within a second):
 *	dns SERVER NAME TYPE	asks by UDP; dns-twice: and waits for two answers
 *	dns-tail SERVER NAME TYPE	with bytes behind the question
 *	dns-segments SERVER NAME TYPE	cut into datagrams of 20 bytes by the kernel
 *	dns-other-socket SERVER NAME TYPE	waits on another socket of the same port
 *	dns-tcp SERVER NAME TYPE	dns-tcp-two: the question twice in one packet
 *	dns-tcp-split SERVER NAME TYPE	the question in two packets
 * Processes (PID: number, self, parent, launcher, watchdog, child: the one of `spawn`):
 *	spawn			a child that sleeps
 *	kill PID SIG		tgkill PID SIG		sigqueue PID SIG	pidfd-kill PID SIG
 *	ptrace PID		seize PID		traceme
 *	vm-read PID		vm-write PID		process-madvise PID
 *	pidfd-getfd PID FD	kcmp PID
 *	mount SRC DIR TYPE	bind-mount SRC DIR	remount DIR		umount DIR
 *	move-mount A B		open-tree DIR		hold-tree FD DIR	fsopen TYPE
 *	fsmount TYPE DIR	pivot-root NEW OLD	mount-setattr DIR	propagate DIR
 *	chroot DIR		unshare FLAGS		setns PID NAME		clone FLAGS
 *	clone3 FLAGS		(FLAGS and NAME: mnt uts ipc pid net user cgroup time)
 *	module FILE		module-mem		kexec			kexec-file FILE
 *	bpf CMD			perf			setuid ID		setgid ID
 *	setresuid ID		setgroups ID		setfsuid ID		seteuid ID
 *	swapon PATH		sethostname		reboot (bad magic)	clock
 *	fspick DIR		module-remove
 * Privileges of root:
 *	rtprio			nice N			rlimit-up		fanotify
 *	acct-off		vhangup			adjtime			klog TYPE
 *	quota-sync		compat NR ARG (int 0x80)
 * Objects with a number:
 *	shm ID			sem ID			msg ID			shm-rm ID
 *	shm-any (the first that it gets)
 *	ipc-own (one of each, made, used, removed)	mq-open NAME		mq-unlink NAME
 *	add-key			join-session		key-read ID		userfaultfd
 * Bytes into files:
 *	fill ROAD PATH SIZE CHUNK SOURCE	until SIZE or a failure; ROAD: write (appending)
 *				overwrite direct pwritev uring splice sendfile copy fallocate
 *				truncate map read-map
 *	map-store PATH		a shared writable mapping; map-store-later: by mprotect
 * Pressure:
 *	flood N RATE PATH	opens PATH N times, RATE a second (0: as fast as it goes); its
 *				line is "refused R of N in M ms"
 *	deepen DIR NAME DEPTH	makes DIR/d/d/d.../NAME, DEPTH times d
 *	hammer DIR NAME DEPTH MS	two processes on one processor open that file for so long; a
 *				line of each: "passed N", how often it could
 * Other:
 *	ok			fail ERRNO		sleep MS
 *	exit N (no line, ends act)
 *	sync			"ok", then waits for a byte on standard input
 *	nop ...			nothing, and no line
 *	read-in  write-out	one byte of descriptor 0, to descriptor 2
 */
/* clang-format on */
#ifndef SBX_ACT_H
#define SBX_ACT_H

#include <stdbool.h>
#include <stddef.h>

/* Returns 0, a positive errno, ACT_EXIT + status, or ACT_SIGNAL + number. */
typedef int (*act_fn)(int argc, char **argv);

#define ACT_EXIT 1000
#define ACT_SIGNAL 2000
#define ACT_SILENT 3000 /* done, and no line */
#define ACT_USAGE 4000	/* the words are wrong */

struct act {
	const char *name;
	int args;   /* words after the name; negative: at least so many */
	act_fn run; /* argv[0] is the first word after the name */
};

/* One table a file, ended by a NULL name. */
extern const struct act file_acts[];
extern const struct act fd_acts[];
extern const struct act door_acts[];
extern const struct act exec_acts[];
extern const struct act net_acts[];
extern const struct act road_acts[];
extern const struct act dns_acts[];
extern const struct act traffic_acts[];
extern const struct act process_acts[];
extern const struct act mount_acts[];
extern const struct act flood_acts[];
extern const struct act env_acts[];
extern const struct act privilege_acts[];
extern const struct act ipc_acts[];
extern const struct act disk_acts[];
extern const struct act other_acts[];

int act_run(int argc, char **argv);

/* 0 or errno of a system call's result. */
int act_errno(long result);
/* Waits; the result as act_fn's. A status of 128 to 255 carries ACT_SIGNAL, below 128 an errno. */
int act_wait(int pid);
int act_open_flags(const char *words);
/* Closes fd if it is one; returns 0 or errno of the call that made it. */
int act_close(long fd);
/* Starts and runs one submission; returns its result: >= 0, or a negative errno. */
struct io_uring_sqe;
int act_uring(const struct io_uring_sqe *sqe);
int act_pid(const char *word);

#endif /* SBX_ACT_H */
