/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DNS messages from a line of text, for tests.  Words, separated by blanks:
 *	head FLAGS QD AN NS AR	flags in hex, counts in decimal; the id is 0x1234
 *	q NAME TYPE [CLASS]	a question
 *	rr NAME TYPE TTL DATA	a record of class IN; DATA: 4:ADDR, 6:ADDR, n:NAME, x:HEX, or -
 *	times N A.B.C.		N records "A, TTL 60" of @12 with addresses A.B.C.0, A.B.C.1, ...
 *	x HEX			bytes as they are
 * NAME: labels with dots; "\\HH" is a byte; "@N" at its end is a pointer to offset N; "." the root.
 */
#ifndef SBX_DNS_FIXTURE_H
#define SBX_DNS_FIXTURE_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message {
	unsigned char bytes[8192];
	size_t len;
};

static void put8(struct message *m, unsigned int byte)
{
	if (m->len < sizeof(m->bytes))
		m->bytes[m->len++] = (unsigned char)byte;
}

static void put16(struct message *m, unsigned int word)
{
	put8(m, word >> 8);
	put8(m, word & 0xff);
}

static unsigned int hex_byte(const char *text)
{
	char digits[3] = { text[0], text[0] ? text[1] : '\0', '\0' };

	return (unsigned int)strtoul(digits, NULL, 16);
}

static void put_hex(struct message *m, const char *text)
{
	for (; text[0] && text[1]; text += 2)
		put8(m, hex_byte(text));
}

static void put_name(struct message *m, const char *text)
{
	size_t at = m->len;

	put8(m, 0);
	while (*text && *text != '@' && strcmp(text, ".") != 0) {
		unsigned int byte = (unsigned char)*text++;

		if (byte == '\\') {
			byte = hex_byte(text);
			text += 2;
		} else if (byte == '.') {
			at = m->len;
			put8(m, 0);
			continue;
		}
		put8(m, byte);
		m->bytes[at] = (unsigned char)(m->len - at - 1);
	}
	if (*text == '@') {
		if (m->bytes[at] == 0)
			m->len = at; /* "name.@12" and "@12": no empty label before the pointer */
		put16(m, 0xc000u | (unsigned int)atoi(text + 1));
	} else if (m->bytes[at] != 0) {
		put8(m, 0);
	}
}

static void put_data(struct message *m, const char *text)
{
	unsigned char addr[16];
	size_t at = m->len;

	put16(m, 0);
	if (!strncmp(text, "4:", 2) && inet_pton(AF_INET, text + 2, addr) == 1) {
		for (int i = 0; i < 4; i++)
			put8(m, addr[i]);
	} else if (!strncmp(text, "6:", 2) && inet_pton(AF_INET6, text + 2, addr) == 1) {
		for (int i = 0; i < 16; i++)
			put8(m, addr[i]);
	} else if (!strncmp(text, "n:", 2)) {
		put_name(m, text + 2);
	} else if (!strncmp(text, "x:", 2)) {
		put_hex(m, text + 2);
	}
	m->bytes[at] = (unsigned char)((m->len - at - 2) >> 8);
	m->bytes[at + 1] = (unsigned char)(m->len - at - 2);
}

static void put_record(struct message *m, const char *name, unsigned int type, unsigned int ttl,
		       const char *data)
{
	put_name(m, name);
	put16(m, type);
	put16(m, 1);
	put16(m, ttl >> 16);
	put16(m, ttl & 0xffff);
	put_data(m, data);
}

static void put_times(struct message *m, unsigned int n, const char *head)
{
	char data[64];

	for (unsigned int i = 0; i < n; i++) {
		(void)snprintf(data, sizeof(data), "4:%s%u", head, i);
		put_record(m, "@12", 1, 60, data);
	}
}

static unsigned int next_number(char **at, int base)
{
	const char *word = strtok_r(NULL, " ", at);

	return word ? (unsigned int)strtoul(word, NULL, base) : 0;
}

static void make_message(const char *text, struct message *ret_message)
{
	char *copy = strdup(text), *at = NULL;

	ret_message->len = 0;
	for (char *word = strtok_r(copy, " ", &at); word; word = strtok_r(NULL, " ", &at)) {
		if (!strcmp(word, "head")) {
			put16(ret_message, 0x1234);
			put16(ret_message, next_number(&at, 16));
			for (int i = 0; i < 4; i++)
				put16(ret_message, next_number(&at, 10));
		} else if (!strcmp(word, "q")) {
			put_name(ret_message, strtok_r(NULL, " ", &at));
			put16(ret_message, next_number(&at, 10));
			put16(ret_message, next_number(&at, 10));
		} else if (!strcmp(word, "rr")) {
			const char *name = strtok_r(NULL, " ", &at);
			unsigned int type = next_number(&at, 10);
			unsigned int ttl = next_number(&at, 10);

			put_record(ret_message, name, type, ttl, strtok_r(NULL, " ", &at));
		} else if (!strcmp(word, "times")) {
			unsigned int n = next_number(&at, 10);

			put_times(ret_message, n, strtok_r(NULL, " ", &at));
		} else if (!strcmp(word, "x")) {
			put_hex(ret_message, strtok_r(NULL, " ", &at));
		}
	}
	free(copy);
}

#endif /* SBX_DNS_FIXTURE_H */
