/* Numbers and addresses as text. */
#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *num_text(char buf[NUM_TEXT], num_t n)
{
    char digits[NUM_TEXT];
    unsigned i = NUM_TEXT;

    digits[--i] = '\0';
    do {
        digits[--i] = (char)('0' + (int)(n % 10));
        n /= 10;
    } while (n);
    return memcpy(buf, digits + i, NUM_TEXT - i);
}

const char *ipv4_text(char buf[NUM_TEXT], num_t n)
{
    unsigned v = (unsigned)n;

    snprintf(buf, NUM_TEXT, "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255,
             v & 255);
    return buf;
}

const char *ipv6_text(char buf[NUM_TEXT], num_t n)
{
    unsigned char bytes[16];
    int i;

    for (i = 15; i >= 0; i--, n >>= 8)
        bytes[i] = (unsigned char)n;
    return inet_ntop(AF_INET6, bytes, buf, NUM_TEXT);
}

const char *mac_text(char buf[NUM_TEXT], num_t n)
{
    unsigned v[6];
    int i;

    for (i = 5; i >= 0; i--, n >>= 8)
        v[i] = (unsigned)n & 255;
    snprintf(buf, NUM_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", v[0], v[1], v[2],
             v[3], v[4], v[5]);
    return buf;
}
