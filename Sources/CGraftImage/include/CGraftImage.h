/* Pictures from memory into RGB bytes, and back into JPEG, over libjpeg and libpng.
 *
 * Why C: both libraries report errors by longjmp, which must not cross a Swift frame. Here it never leaves the
 * function that called the library. Neither library prints anything; no function keeps state between calls, so
 * all of them may run on any number of threads at once.
 *
 * Two steps: read the header, let the caller judge the size and allocate, then decode into its buffer. No memory
 * passes from one side to the other.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
  GRAFT_IMAGE_OK = 0,
  GRAFT_IMAGE_CORRUPT = 1,       /* the bytes break the format's rules */
  GRAFT_IMAGE_TRUNCATED = 2,     /* the bytes end before the picture does */
  GRAFT_IMAGE_UNSUPPORTED = 3,   /* legal, but a kind that is not read */
  GRAFT_IMAGE_OUT_OF_MEMORY = 4,
  GRAFT_IMAGE_TOO_COMPLEX = 5,   /* more work than any real picture of this size needs */
} graft_image_status;

enum { GRAFT_IMAGE_MESSAGE_SIZE = 256 };

typedef struct {
  uint32_t width, height;
  uint32_t channels;      /* in the file: 1 grey, 2 grey and alpha, 3 RGB or YCbCr, 4 CMYK or RGB and alpha */
  uint32_t bits;          /* a channel (a palette index for a palette) in the file */
  uint32_t is_palette;    /* PNG with a palette */
  uint32_t is_multi_pass; /* progressive JPEG, interlaced PNG */
} graft_image_header;

typedef struct {
  uint32_t warnings;      /* how often the library complained and went on */
  uint32_t is_truncated;  /* 1 when the bytes ended early and that was accepted */
} graft_image_notes;

/* Reads the size and kind. On failure `message` holds the reason: at least GRAFT_IMAGE_MESSAGE_SIZE bytes, ends with a
 * zero. */
graft_image_status graft_jpeg_header(const uint8_t *bytes, size_t count, graft_image_header *header,
                                     char *message);
graft_image_status graft_png_header(const uint8_t *bytes, size_t count, graft_image_header *header,
                                    char *message);

/* Decodes into `rgb`, which must hold width * height * 3 bytes and be zero everywhere; `width` and `height` are those of
 * the header. With accept_truncated, what is missing at the end stays as the library leaves it (grey or black).
 *
 * A JPEG can be decoded at 1/divisor of its size, divisor 1, 2, 4 or 8: `width` and `height` are then those of the
 * header divided by it and rounded up. */
graft_image_status graft_jpeg_decode(const uint8_t *bytes, size_t count, int accept_truncated, uint32_t divisor,
                                     uint32_t width, uint32_t height, uint8_t *rgb, graft_image_notes *notes,
                                     char *message);
graft_image_status graft_png_decode(const uint8_t *bytes, size_t count, int accept_truncated, uint32_t width,
                                    uint32_t height, uint8_t *rgb, graft_image_notes *notes, char *message);

/* The bytes that a JPEG file of this size needs at most. */
size_t graft_jpeg_capacity(uint32_t width, uint32_t height);

/* Writes width * height * 3 bytes of RGB as a baseline JPEG file with colour at half the resolution, into `bytes`, which
 * must hold graft_jpeg_capacity bytes; `count` is how many there are then. `quality` is the library's, 1 to 100. */
graft_image_status graft_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t *bytes,
                                     size_t *count, char *message);

/* Fraction bits of weights: 32 less 8 of the pixel and 2 of head room. */
enum { GRAFT_RESAMPLE_BITS = 32 - 8 - 2 };

/* One position of the result along an axis: where its input starts, how many there are, and where their weights
 * stand. */
typedef struct {
  size_t start, count, first_weight;
} graft_resample_span;

/* Squeezes each of `rows` rows of RGB, `row_bytes` apart, of which `row_pixels` pixels may be read, to span_count
 * pixels, one row after the other into `target`. */
void graft_resample_rows(const graft_resample_span *spans, size_t span_count, const int32_t *weights,
                         const uint8_t *source, size_t row_bytes, size_t row_pixels, size_t rows, uint8_t *target);

/* Squeezes the columns of `source`, whose rows of row_length bytes start at input row `first_row`, to span_count rows in
 * `target`. */
void graft_resample_columns(const graft_resample_span *spans, size_t span_count, const int32_t *weights,
                            const uint8_t *source, size_t row_length, size_t first_row, uint8_t *target);
