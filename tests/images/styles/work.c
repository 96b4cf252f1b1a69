/* SPDX-License-Identifier: ISC
 * See work.h. Nothing here means anything; it has the shape of what applications are made of. */
#include "work.h"

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define RCC_APB2ENR REGISTER(0x40021018)
#define GPIOC_CRH REGISTER(0x40011004)
#define GPIOC_ODR REGISTER(0x4001100C)
#define USART1_SR REGISTER(0x40013800)
#define USART1_DR REGISTER(0x40013804)

volatile uint32_t work_ticks;

static uint8_t ring[64];
static volatile uint32_t head, tail;
static int32_t samples[16] = {3, -1, 4, -1, 5, -9, 2, 6, -5, 3, 5, -8, 9, 7, -9, 3};

static const char* const words[] = {"ready", "busy", "voltage low", "no sensor", "calibrating", "out of range"};

static void put(char c) {
    while ((USART1_SR & 0x80) == 0) {
    }
    USART1_DR = (uint8_t)c;
}

static void print(const char* text) {
    while (*text)
        put(*text++);
    put('\n');
}

int work_format(char* out, uint32_t value) {
    char digits[10];
    int count = 0, length = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count)
        out[length++] = digits[--count];
    out[length] = 0;
    return length;
}

uint32_t work_checksum(const uint8_t* bytes, uint32_t length) {
    uint32_t crc = ~0u;
    while (length--) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void sort(int32_t* values, int count) {
    for (int i = 1; i < count; i++) {
        const int32_t value = values[i];
        int at = i;
        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

static int32_t median(void) {
    int32_t copy[16];
    for (int i = 0; i < 16; i++)
        copy[i] = samples[i];
    sort(copy, 16);
    return copy[8];
}

static void push_byte(uint8_t byte) {
    const uint32_t next = (head + 1) % sizeof ring;
    if (next == tail) return;
    ring[head] = byte;
    head = next;
}

static int pop_byte(void) {
    if (head == tail) return -1;
    const int byte = ring[tail];
    tail = (tail + 1) % sizeof ring;
    return byte;
}

static void on_start(int argument) {
    char text[12];
    work_format(text, (uint32_t)argument);
    print(text);
}
static void on_stop(int argument) {
    samples[argument & 15] = 0;
}
static void on_sample(int argument) {
    samples[work_ticks & 15] = argument - 128;
}
static void on_report(int argument) {
    char text[12];
    work_format(text, (uint32_t)(median() + argument));
    print(text);
}
static void on_nothing(int argument) {
    (void)argument;
}

static void (*const commands[])(int) = {on_start, on_stop, on_sample, on_report, on_nothing};

static const char* state_name(int state) {
    switch (state) {
        case 0:
            return words[0];
        case 1:
            return words[3];
        case 2:
            return words[1];
        case 3:
            return words[5];
        case 4:
            return words[2];
        default:
            return words[4];
    }
}

void work_setup(void) {
    RCC_APB2ENR |= 0x4010;
    GPIOC_CRH = (GPIOC_CRH & ~0x00F00000u) | 0x00200000u;
    print(state_name((int)(work_ticks & 7)));
}

void work_loop(void) {
    if (work_ticks % 500 == 0) GPIOC_ODR ^= 0x2000;
    if (USART1_SR & 0x20) push_byte((uint8_t)USART1_DR);
    const int byte = pop_byte();
    if (byte >= 0) commands[byte % 5](byte);
    if (work_checksum(ring, sizeof ring) == 0) print(state_name(byte));
}
