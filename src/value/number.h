/* SPDX-License-Identifier: MIT */
/* int, bool and float as the numbers they are, compared and hashed exactly whatever their kind. */
#ifndef VALUE_NUMBER_H
#define VALUE_NUMBER_H

#include "base/buffer.h"
#include "syncmanager/value.h"

static inline bool value_is_int(struct sm_value v)
{
    return v.kind == SM_KIND_INT || v.kind == SM_KIND_BOOL || v.kind == SM_KIND_BIGINT;
}

static inline bool value_is_number(struct sm_value v)
{
    return v.kind == SM_KIND_FLOAT || value_is_int(v);
}

/* A NaN is neither less than, equal to nor greater than anything. */
#define NUMBER_UNORDERED 2

/* -1, 0, 1, or NUMBER_UNORDERED. Both must be numbers. */
int number_compare(struct sm_value a, struct sm_value b);

/* Equal numbers hash alike. */
uint64_t number_hash(struct sm_value v);

/* Append an int in decimal. Returns 0, -ENOMEM, or -ERANGE past LIMIT_INT_DIGITS. */
int number_print_int(struct buffer *out, struct sm_value v);

/* The same of its absolute value in a base of so many bits a digit. Returns 0 or -ENOMEM. */
int number_print_bits(struct buffer *out, struct sm_value v, unsigned bits, bool upper);

/* An int as OpenSSL has it, on the heap; NULL when memory runs out. */
struct bignum_st *number_to_bn(struct sm_value v);

/* A number as a float: the nearest one to an int, an infinity where that is too large. */
double number_to_double(struct sm_value v);

/* The smallest count n for which n >= v: 0 where v > 0 does not hold, SIZE_MAX for any large v. */
size_t number_to_count(struct sm_value v);

/* Room for the largest float as a two's complement integer. */
#define NUMBER_WHOLE_SIZE 136

/* A finite float without a fraction as an int, whose bytes are in `room` if it is a big one. */
struct sm_value number_whole(double whole, uint8_t room[NUMBER_WHOLE_SIZE]);

/* The bytes of a two's complement integer that are needed: none when it fits 64 bits. */
struct sm_value number_from_bytes(const uint8_t *bytes, size_t len);

#endif
