/* zlib, with a function for the macro that Swift cannot import. */
#pragma once
#include <zlib.h>

/* Prepares for data without zlib's own header, as zip archives hold it. */
static inline int graft_inflate_raw(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
