/* SPDX-License-Identifier: MIT */
/* Lines to words. */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

/* More words than this in a line are refused. */
#define WORDS_MAX 1024

/*
 * Split a line where white space is outside of quotes and brackets: literals keep theirs. The line
 * is cut in place. Returns the number of words, or -1 when a quote or bracket is left open, or
 * there are too many words: that has been said.
 */
int words_split(char *line, char *ret[static WORDS_MAX]);

#endif
