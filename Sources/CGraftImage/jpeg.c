#include "CGraftImage.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/* Everything one call needs; lives on its stack. */
typedef struct {
  struct jpeg_error_mgr errors; /* first, so that the library's pointer to it is a pointer to this */
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf trap;
  char *message;
  graft_image_status status;
  uint32_t warnings;
  int is_exhausted;       /* the library asked for bytes beyond the end */
  int missed_data;        /* it found no data where it needed some */
  int scan_limit;
} reader;

static reader *reader_of(j_common_ptr jpeg) { return (reader *)jpeg->err; }

/* Errors: keep the text, leave by the trap. */
static void on_error(j_common_ptr jpeg) {
  reader *r = reader_of(jpeg);
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  snprintf(r->message, GRAFT_IMAGE_MESSAGE_SIZE, "%s", text);
  switch (jpeg->err->msg_code) {
  case JERR_OUT_OF_MEMORY:
    r->status = GRAFT_IMAGE_OUT_OF_MEMORY;
    break;
  case JERR_SOF_UNSUPPORTED:
  case JERR_BAD_PRECISION:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_ARITH_NOTIMPL:
  case JERR_NOT_COMPILED:
  case JERR_BAD_STRUCT_SIZE:
  case JERR_BAD_LIB_VERSION:
    r->status = GRAFT_IMAGE_UNSUPPORTED;
    break;
  default:
    r->status = r->is_exhausted ? GRAFT_IMAGE_TRUNCATED : GRAFT_IMAGE_CORRUPT;
  }
  longjmp(r->trap, 1);
}

/* Warnings: count them; nothing is printed. */
static void on_message(j_common_ptr jpeg, int level) {
  reader *r = reader_of(jpeg);
  if (level >= 0) return;
  r->warnings += 1;
  jpeg->err->num_warnings += 1;
  int code = jpeg->err->msg_code;
  if (code == JWRN_HIT_MARKER || code == JWRN_MUST_RESYNC) r->missed_data = 1;
}

static void on_output(j_common_ptr jpeg) { (void)jpeg; }

/* A file of a few kilobytes can hold thousands of scans, each of which touches every block of a huge picture. */
static void on_progress(j_common_ptr jpeg) {
  if (!jpeg->is_decompressor) return;
  reader *r = reader_of(jpeg);
  int scans = ((j_decompress_ptr)jpeg)->input_scan_number;
  if (scans <= r->scan_limit) return;
  snprintf(r->message, GRAFT_IMAGE_MESSAGE_SIZE, "more than %d scans, which no real picture of this size has",
           r->scan_limit);
  r->status = GRAFT_IMAGE_TOO_COMPLEX;
  longjmp(r->trap, 1);
}

/* All bytes are there from the start, so being asked for more means that the file has ended. As jpeg_mem_src does,
 * answer with an end-of-image marker, so that what there is can be decoded. */
static void source_begin(j_decompress_ptr jpeg) { (void)jpeg; }
static void source_end(j_decompress_ptr jpeg) { (void)jpeg; }

static boolean source_fill(j_decompress_ptr jpeg) {
  static const JOCTET end[] = {0xFF, JPEG_EOI};
  reader_of((j_common_ptr)jpeg)->is_exhausted = 1;
  jpeg->src->next_input_byte = end;
  jpeg->src->bytes_in_buffer = sizeof end;
  return TRUE;
}

static void source_skip(j_decompress_ptr jpeg, long count) {
  struct jpeg_source_mgr *source = jpeg->src;
  if (count <= 0) return;
  if ((unsigned long)count > source->bytes_in_buffer) {
    source_fill(jpeg);
    return;
  }
  source->next_input_byte += count;
  source->bytes_in_buffer -= (size_t)count;
}

/* Call after setjmp: jpeg_create_decompress can fail too. */
static void open_reader(reader *r, j_decompress_ptr jpeg, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(jpeg);
  r->source.init_source = source_begin;
  r->source.fill_input_buffer = source_fill;
  r->source.skip_input_data = source_skip;
  r->source.resync_to_restart = jpeg_resync_to_restart;
  r->source.term_source = source_end;
  r->source.next_input_byte = bytes;
  r->source.bytes_in_buffer = count;
  jpeg->src = &r->source;
}

static void prepare(reader *r, j_decompress_ptr jpeg, char *message) {
  memset(r, 0, sizeof *r);
  memset(jpeg, 0, sizeof *jpeg); /* so that destroying it is safe whatever happens */
  jpeg->err = jpeg_std_error(&r->errors);
  r->errors.error_exit = on_error;
  r->errors.emit_message = on_message;
  r->errors.output_message = on_output;
  r->message = message;
  message[0] = 0;
}

graft_image_status graft_jpeg_header(const uint8_t *bytes, size_t count, graft_image_header *header,
                                     char *message) {
  struct jpeg_decompress_struct jpeg;
  reader r;
  prepare(&r, &jpeg, message);
  if (setjmp(r.trap)) {
    jpeg_destroy_decompress(&jpeg);
    return r.status;
  }
  open_reader(&r, &jpeg, bytes, count);
  jpeg_read_header(&jpeg, TRUE);
  header->width = jpeg.image_width;
  header->height = jpeg.image_height;
  header->channels = (uint32_t)jpeg.num_components;
  header->bits = (uint32_t)jpeg.data_precision;
  header->is_palette = 0;
  header->is_multi_pass = jpeg.progressive_mode ? 1 : 0;
  jpeg_destroy_decompress(&jpeg);
  return GRAFT_IMAGE_OK;
}

/* In place would overwrite what is still to be read, so the row of four channels has its own buffer. Pillow's formula
 * (Convert.c, cmyk2rgb), on inverted values: Pillow takes every JPEG of four channels for one written by Adobe. */
static void cmyk_to_rgb(const JSAMPLE *cmyk, uint8_t *rgb, uint32_t width) {
  for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
    int white = cmyk[3]; /* 255 - K, with K = 255 - stored */
    for (int c = 0; c < 3; c++) {
      int product = (255 - cmyk[c]) * white + 128;
      rgb[c] = (uint8_t)(white - (((product >> 8) + product) >> 8));
    }
  }
}

static void grey_to_rgb(const JSAMPLE *grey, uint8_t *rgb, uint32_t width) {
  for (uint32_t x = 0; x < width; x++, rgb += 3) rgb[0] = rgb[1] = rgb[2] = grey[x];
}

/* Real progressive pictures have about 10 scans. Small ones may have up to 500; large ones fewer, so that the work
 * stays within some seconds. */
static int scan_limit(uint32_t width, uint32_t height) {
  double limit = 4e9 / ((double)width * height);
  return limit > 500 ? 500 : limit < 64 ? 64 : (int)limit;
}

graft_image_status graft_jpeg_decode(const uint8_t *bytes, size_t count, int accept_truncated, uint32_t divisor,
                                     uint32_t width, uint32_t height, uint8_t *rgb, graft_image_notes *notes,
                                     char *message) {
  struct jpeg_decompress_struct jpeg;
  reader r;
  prepare(&r, &jpeg, message);
  if (setjmp(r.trap)) {
    jpeg_destroy_decompress(&jpeg);
    return r.status;
  }
  open_reader(&r, &jpeg, bytes, count);
  jpeg_read_header(&jpeg, TRUE);
  jpeg.scale_num = 1;
  jpeg.scale_denom = divisor;
  jpeg_calc_output_dimensions(&jpeg);
  if (jpeg.output_width != width || jpeg.output_height != height) {
    snprintf(message, GRAFT_IMAGE_MESSAGE_SIZE, "%u x %u pixels, and %u x %u a moment ago", jpeg.output_width,
             jpeg.output_height, width, height);
    jpeg_destroy_decompress(&jpeg);
    return GRAFT_IMAGE_CORRUPT;
  }
  /* The library's defaults are Pillow's: accurate integer DCT, smooth upsampling of colour, block smoothing. */
  switch (jpeg.num_components) {
  case 1:
    jpeg.out_color_space = JCS_GRAYSCALE;
    break;
  case 3:
    jpeg.out_color_space = JCS_RGB;
    break;
  case 4:
    jpeg.out_color_space = JCS_CMYK;
    break;
  default:
    snprintf(message, GRAFT_IMAGE_MESSAGE_SIZE, "%d colour channels; 1, 3 and 4 are read", jpeg.num_components);
    jpeg_destroy_decompress(&jpeg);
    return GRAFT_IMAGE_UNSUPPORTED;
  }
  r.scan_limit = scan_limit(jpeg.image_width, jpeg.image_height);
  r.progress.progress_monitor = on_progress;
  jpeg.progress = &r.progress;

  jpeg_start_decompress(&jpeg);
  JSAMPARRAY row = NULL;
  if (jpeg.num_components != 3) {
    row = jpeg.mem->alloc_sarray((j_common_ptr)&jpeg, JPOOL_IMAGE, width * (JDIMENSION)jpeg.output_components, 1);
  }
  while (jpeg.output_scanline < height) {
    uint8_t *target = rgb + (size_t)jpeg.output_scanline * width * 3;
    if (row == NULL) {
      JSAMPROW direct = target;
      jpeg_read_scanlines(&jpeg, &direct, 1);
      continue;
    }
    jpeg_read_scanlines(&jpeg, row, 1);
    if (jpeg.num_components == 1) {
      grey_to_rgb(row[0], target, width);
    } else {
      cmyk_to_rgb(row[0], target, width);
    }
  }
  /* Bytes may end right behind the last row of a picture of one scan: only its end marker is missing. With several
   * scans nobody knows what else would have come. */
  notes->warnings = r.warnings;
  notes->is_truncated = r.is_exhausted && (r.missed_data || jpeg_has_multiple_scans(&jpeg));
  jpeg_destroy_decompress(&jpeg);
  if (notes->is_truncated && !accept_truncated) {
    snprintf(message, GRAFT_IMAGE_MESSAGE_SIZE, "the file ends before the picture does");
    return GRAFT_IMAGE_TRUNCATED;
  }
  return GRAFT_IMAGE_OK;
}
