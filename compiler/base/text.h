/* Numbers and addresses as text. Each writes into the caller's buffer and
 * returns it. */
#ifndef NFL_BASE_TEXT_H
#define NFL_BASE_TEXT_H

#include "base/num.h"

enum { NUM_TEXT = 64 };

const char *num_text(char buf[NUM_TEXT], num_t n);  /* decimal */
const char *ipv4_text(char buf[NUM_TEXT], num_t n); /* 10.0.0.1 */
const char *ipv6_text(char buf[NUM_TEXT], num_t n); /* 2001:db8::1 */
const char *mac_text(char buf[NUM_TEXT], num_t n);  /* 02:00:00:00:00:01 */

#endif
