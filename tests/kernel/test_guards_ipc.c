// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each guard on its own: with `deny` the act fails and the event names the guard; with `allow`,
 * all other guards denying, the same act goes through without one.  Here: objects of the kernel
 * that have a number instead of a path.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/guards.h"

#define QUEUE "/sbx-test-queue"

/* Made outside, open to everybody: $SHM, $SEM, $MSG. */
static void make_objects(void)
{
	int shm = shmget(IPC_PRIVATE, 4096, 0666);
	int sem = semget(IPC_PRIVATE, 1, 0666);
	int msg = msgget(IPC_PRIVATE, 0666);

	assert_true(shm >= 0 && sem >= 0 && msg >= 0);
	set_var("SHM", "%d", shm);
	set_var("SEM", "%d", sem);
	set_var("MSG", "%d", msg);
}

static void remove_objects(void)
{
	(void)shmctl(atoi(get_var("SHM")), IPC_RMID, NULL); /* an act has done it already */
	assert_int_equal(semctl(atoi(get_var("SEM")), 0, IPC_RMID), 0);
	assert_int_equal(msgctl(atoi(get_var("MSG")), IPC_RMID, NULL), 0);
}

static void ipc_objects_of_processes_outside_are_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "shm $SHM", "EACCES", ESCAPE_AS("ipc", "number $SHM", "ipc_outside", "EPERM") },
		{ "sem $SEM", "EACCES", ESCAPE_AS("ipc", "number $SEM", "ipc_outside", "EPERM") },
		{ "msg $MSG", "EACCES", ESCAPE_AS("ipc", "number $MSG", "ipc_outside", "EPERM") },
		{ "shm-rm $SHM", "EPERM", ESCAPE("ipc", "number $SHM", "ipc_outside") },
	};

	(void)state;
	make_objects();
	CHECK_GUARD("ipc_outside", rows);
	remove_objects();
}

static void the_jobs_own_ipc_objects_are_free(void **state)
{
	static const struct row rows[] = {
		{ "ipc-own", "ok" },
		{ "fork ipc-own", "ok" },
		{ "double-fork ipc-own", "ok" },
	};

	(void)state;
	check_rows(POLICY_OPEN "guards: {default: deny}\n", rows, ARRAY_SIZE(rows));
}

#define AFTER 64
static int after[AFTER];

static void make_at_the_same_place(void)
{
	/* The kernel gives memory that was just freed first, so some of these lie where the job's
	 * objects lay. */
	for (int i = 0; i < AFTER; i++) {
		after[i] = shmget(IPC_PRIVATE, 4096, 0666);
		assert_true(after[i] >= 0);
	}
}

/* What the job's objects left in memory is no key to those that come after them there. */
static void an_object_at_the_address_of_an_own_one_is_still_outside(void **state)
{
	static const struct row rows[] = {
		{ "times 64 ipc-own", "ok" },
		{ "sync", "ok", .host = make_at_the_same_place },
		{ "shm-any", "EACCES" },
	};
	const struct job job = { .policy = POLICY_OPEN "guards: {default: deny}\n",
				 .rows = rows,
				 .n_rows = ARRAY_SIZE(rows),
				 .loose = true };
	struct outcome outcome = { 0 };

	(void)state;
	run_job(&job, &outcome);
	assert_true(json_array_size(outcome.events) >= AFTER);
	outcome_free(&outcome);
	for (int i = 0; i < AFTER; i++)
		assert_int_equal(shmctl(after[i], IPC_RMID, NULL), 0);
}

static void message_queues_are_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "mq-open " QUEUE, "EPERM", ESCAPE("open", "*", "ipc_outside") },
		{ "mq-unlink " QUEUE, "EACCES",
		  ESCAPE_AS("ipc", NULL, "ipc_outside", "EPERM") }, /* libc says it so */
	};
	mqd_t queue = mq_open(QUEUE, O_RDWR | O_CREAT | O_CLOEXEC, 0666, NULL);

	(void)state;
	if (queue < 0 && errno == ENOSYS)
		skip_because("this kernel has no message queues");
	assert_true(queue >= 0);
	CHECK_GUARD("ipc_outside", rows);
	(void)mq_close(queue);
	assert_int_equal(mq_unlink(QUEUE), -1); /* the last act did it */
}

/* In an IPC namespace of the job's own all are its own; under any name, and with any rules. */
static void message_queues_of_the_jobs_own_namespace_are_open(void **state)
{
	static const char policy[] = POLICY_HEAD "process: {namespaces: [ipc]}\n"
						 "guards: {default: deny}\n";
	static const struct row rows[] = {
		{ "mq-open " QUEUE, "ENOENT" },
		{ "mq-new " QUEUE, "ok" },
		{ "mq-open " QUEUE, "ok" },
		{ "mq-unlink " QUEUE, "ok" },
	};
	mqd_t queue = mq_open(QUEUE, O_RDWR | O_CREAT | O_CLOEXEC, 0666, NULL);

	(void)state;
	if (queue < 0 && errno == ENOSYS)
		skip_because("this kernel has no message queues");
	assert_true(queue >= 0);
	check_rows(policy, rows, ARRAY_SIZE(rows));
	(void)mq_close(queue);
	assert_int_equal(mq_unlink(QUEUE), 0);
}

/* A key of the test's own that everybody may use: $KEY. */
static void make_key(void)
{
	long key = syscall(SYS_add_key, "user", "sbx-test-outside", "x", 1UL,
			   KEY_SPEC_PROCESS_KEYRING);

	assert_true(key > 0);
	assert_int_equal(syscall(SYS_keyctl, KEYCTL_SETPERM, key, 0x3f3f3f3fUL), 0);
	set_var("KEY", "%ld", key);
}

static void keyrings_are_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "add-key", "EPERM", ESCAPE("key", "number 0", "keyring") },
		{ "fork join-session", "EPERM", ESCAPE("key", "number 0", "keyring") },
		/* is it reachable from its own keyrings, and may it be read? */
		{ "key-read $KEY",
		  "ENOKEY",
		  { { "key", "*", NULL, "keyring", NULL, "keyring", NULL, "EPERM" },
		    { "key", "*", NULL, "keyring", NULL, "keyring", NULL, "EPERM" } } },
	};

	(void)state;
	make_key();
	CHECK_GUARD("keyring", rows);
}

static void io_uring_and_userfaultfd_are_escapes(void **state)
{
	static const struct row uring[] = {
		{ "uring-open r " T "/f", "EPERM", ESCAPE("io-uring", NULL, "io_uring") },
	};
	static const struct row faults[] = {
		{ "userfaultfd", "EPERM", ESCAPE("userfaultfd", NULL, "userfaultfd") },
	};

	(void)state;
	make(T "/f", "x");
	CHECK_GUARD("io_uring", uring);
	CHECK_GUARD("userfaultfd", faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ipc_objects_of_processes_outside_are_out_of_reach),
		TEST(the_jobs_own_ipc_objects_are_free),
		TEST(an_object_at_the_address_of_an_own_one_is_still_outside),
		TEST(message_queues_are_out_of_reach),
		TEST(message_queues_of_the_jobs_own_namespace_are_open),
		TEST(keyrings_are_out_of_reach),
		TEST(io_uring_and_userfaultfd_are_escapes),
	};

	return RUN_SUITE("guards_ipc", tests);
}
