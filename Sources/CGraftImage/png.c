#include "CGraftImage.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <png.h>

/* Everything one call needs; lives on its stack. */
typedef struct {
  const uint8_t *next;
  size_t left;
  jmp_buf trap;
  char *message;
  graft_image_status status;
  uint32_t warnings;
  int is_exhausted; /* the library asked for bytes beyond the end */
} reader;

/* Errors: keep the text, leave by the trap. */
static void on_error(png_structp png, png_const_charp text) {
  reader *r = png_get_error_ptr(png);
  snprintf(r->message, GRAFT_IMAGE_MESSAGE_SIZE, "%s", text);
  if (r->is_exhausted) {
    r->status = GRAFT_IMAGE_TRUNCATED;
  } else if (strstr(text, "emory") != NULL) {
    r->status = GRAFT_IMAGE_OUT_OF_MEMORY;
  } else {
    r->status = GRAFT_IMAGE_CORRUPT;
  }
  longjmp(r->trap, 1);
}

/* Warnings: count them; nothing is printed. */
static void on_warning(png_structp png, png_const_charp text) {
  (void)text;
  ((reader *)png_get_error_ptr(png))->warnings += 1;
}

static void on_read(png_structp png, png_bytep target, size_t count) {
  reader *r = png_get_io_ptr(png);
  if (count > r->left) {
    r->is_exhausted = 1;
    png_error(png, "the file ends before the picture does");
  }
  memcpy(target, r->next, count);
  r->next += count;
  r->left -= count;
}

/* Chunks that say nothing about the pixels as Pillow shows them. Unread, they can neither cost memory nor fail. */
static const png_byte skipped_chunks[] = {
    'b', 'K', 'G', 'D', 0, 'c', 'H', 'R', 'M', 0, 'e', 'X', 'I', 'f', 0, 'g', 'A', 'M', 'A', 0, 'h', 'I',
    'S', 'T', 0,   'i', 'C', 'C', 'P', 0, 'i', 'T', 'X', 't', 0, 'o', 'F', 'F', 's', 0, 'p', 'C', 'A', 'L',
    0,   'p', 'H', 'Y', 's', 0, 's', 'B', 'I', 'T', 0, 's', 'C', 'A', 'L', 0, 's', 'P', 'L', 'T', 0, 's',
    'R', 'G', 'B', 0, 't', 'E', 'X', 't', 0, 't', 'I', 'M', 'E', 0, 'z', 'T', 'X', 't', 0,
};

static void prepare(reader *r, const uint8_t *bytes, size_t count, char *message) {
  memset(r, 0, sizeof *r);
  r->next = bytes;
  r->left = count;
  r->message = message;
  r->status = GRAFT_IMAGE_CORRUPT;
  message[0] = 0;
}

/* Call after setjmp. */
static void read_header(reader *r, png_structp png, png_infop info, graft_image_header *header) {
  png_set_read_fn(png, r, on_read);
  /* The caller limits the number of pixels; the format's own limit stands for the sides. */
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped_chunks, sizeof skipped_chunks / 5);
  png_read_info(png, info);
  int color = png_get_color_type(png, info);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->channels = png_get_channels(png, info);
  header->bits = png_get_bit_depth(png, info);
  header->is_palette = color == PNG_COLOR_TYPE_PALETTE;
  header->is_multi_pass = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
}

graft_image_status graft_png_header(const uint8_t *bytes, size_t count, graft_image_header *header,
                                    char *message) {
  reader r;
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  prepare(&r, bytes, count, message);
  if (setjmp(r.trap)) {
    png_destroy_read_struct((png_structp *)&png, (png_infop *)&info, NULL);
    return r.status;
  }
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
  info = png == NULL ? NULL : png_create_info_struct(png);
  if (info == NULL) {
    png_destroy_read_struct((png_structp *)&png, NULL, NULL);
    snprintf(message, GRAFT_IMAGE_MESSAGE_SIZE, "no memory to read it with");
    return GRAFT_IMAGE_OUT_OF_MEMORY;
  }
  read_header(&r, png, info, header);
  png_destroy_read_struct((png_structp *)&png, (png_infop *)&info, NULL);
  return GRAFT_IMAGE_OK;
}

graft_image_status graft_png_decode(const uint8_t *bytes, size_t count, int accept_truncated, uint32_t width,
                                    uint32_t height, uint8_t *rgb, graft_image_notes *notes, char *message) {
  reader r;
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  volatile int in_pixels = 0;
  prepare(&r, bytes, count, message);
  notes->warnings = 0;
  notes->is_truncated = 0;
  if (setjmp(r.trap)) {
    png_destroy_read_struct((png_structp *)&png, (png_infop *)&info, NULL);
    if (in_pixels && r.status == GRAFT_IMAGE_TRUNCATED && accept_truncated) {
      notes->warnings = r.warnings;
      notes->is_truncated = 1;
      return GRAFT_IMAGE_OK;
    }
    return r.status;
  }
  png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
  info = png == NULL ? NULL : png_create_info_struct(png);
  if (info == NULL) {
    png_destroy_read_struct((png_structp *)&png, NULL, NULL);
    snprintf(message, GRAFT_IMAGE_MESSAGE_SIZE, "no memory to read it with");
    return GRAFT_IMAGE_OUT_OF_MEMORY;
  }
  graft_image_header header;
  read_header(&r, png, info, &header);
  if (header.width != width || header.height != height) {
    png_error(png, "another size than a moment ago");
  }
  int color = png_get_color_type(png, info);
  /* 16 bits to 8 by the upper byte, as Pillow reads 16-bit colour. */
  if (header.bits == 16) png_set_strip_16(png);
  if (header.is_palette) png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY && header.bits < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (color == PNG_COLOR_TYPE_GRAY || color == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_gray_to_rgb(png);
  /* Alpha is dropped, not blended, as Pillow's convert("RGB") does. */
  if ((color & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0) {
    png_set_strip_alpha(png);
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != (size_t)width * 3) {
    png_error(png, "rows of an unexpected length");
  }
  in_pixels = 1;
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++) png_read_row(png, rgb + (size_t)y * width * 3, NULL);
  }
  notes->warnings = r.warnings;
  png_destroy_read_struct((png_structp *)&png, (png_infop *)&info, NULL);
  return GRAFT_IMAGE_OK;
}
