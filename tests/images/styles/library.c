/* SPDX-License-Identifier: ISC
 * What compilers and sketches expect of a C library. */
#include <stddef.h>

void* memset(void* to, int value, size_t count) {
    unsigned char* at = to;
    while (count--)
        *at++ = (unsigned char)value;
    return to;
}
void* memcpy(void* to, const void* from, size_t count) {
    unsigned char* at = to;
    const unsigned char* source = from;
    while (count--)
        *at++ = *source++;
    return to;
}
long strtol(const char* text, char** end, int base) {
    long value = 0;
    while (*text >= '0' && *text < '0' + base)
        value = value * base + (*text++ - '0');
    if (end) *end = (char*)text;
    return value;
}
