/* SPDX-License-Identifier: MIT */
/* Python's format(): a value as text, by a specifier such as ">10,.2f". */
#ifndef SCALAR_FORMAT_H
#define SCALAR_FORMAT_H

#include "scalar/text.h"

/* A specifier, taken apart: [[fill]align][sign][z][#][0][width][grouping][.precision][type] */
struct format {
    uint32_t fill;
    char align; /* '<', '>', '=', '^' */
    bool aligned;
    char sign; /* '+', '-', ' ', or 0 */
    bool no_negative_zero;
    bool alternate;
    int64_t width;     /* -1: none */
    int64_t precision; /* -1: none */
    char grouping;     /* ',', '_', or 0 */
    char decimals;     /* the same behind the point */
    uint32_t type;     /* a letter; 0: none */
};

/* A number as text, in the parts that padding and grouping go between. */
struct number_text {
    char sign; /* 0: none */
    struct text prefix;
    struct text digits;   /* of the integer part: these are grouped */
    struct text decimals; /* behind the point, likewise in 3.14 */
    bool has_point;
    struct text rest; /* the exponent, a per cent sign, or inf and nan */
};

/*
 * Append format(v, spec). False: the call has been answered, with Python's error, or as one that is
 * not served here where v is an object: what it does is up to its class.
 */
bool format_value(struct call *call, struct sm_value v, struct text spec, struct buffer *out);

/* As call->method, of a value that only Python can format. */
void format_refuse(struct call *call);

/* The same of numbers, by the type letter that they are given or have of themselves. */
bool format_int(struct call *call, struct sm_value v, const struct format *f, struct buffer *out);
bool format_float(struct call *call, struct sm_value v, const struct format *f, struct buffer *out);
bool format_complex(struct call *call, struct sm_value v, const struct format *f,
                    struct buffer *out);

/* The parts of a complex number; false: v is none. */
bool format_complex_parts(struct sm_value v, double *ret_real, double *ret_imag);

/* Whether v is an object of which only its class can tell. */
bool format_needs_python(struct sm_value v);

/* ValueError: the type letter is none of this kind of value's. */
bool format_unknown(struct call *call, struct sm_value v, const struct format *f);

/* A character as error messages have it: "x", or "\xe9". */
#define FORMAT_CHAR_SIZE 16
const char *format_char(uint32_t c, char ret[FORMAT_CHAR_SIZE]);

/* Append the parts of a number, grouped and padded. False: the call has been answered. */
bool format_number(struct call *call, const struct number_text *number, const struct format *f,
                   struct buffer *out);

/* Append text, padded to the width; `align` where none is given. False: likewise. */
bool format_padded(struct call *call, struct text t, const struct format *f, struct buffer *out);

/*
 * Read decimal digits of any script from *at on. Returns how many, with *ret their value; -1: the
 * call has been answered, for they are too many.
 */
int64_t format_digits(struct call *call, struct text t, size_t *at, int64_t *ret);

#endif
