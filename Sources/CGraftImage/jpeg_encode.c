#include "CGraftImage.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/* Everything one call needs; lives on its stack. */
typedef struct {
  struct jpeg_error_mgr errors; /* first, so that the library's pointer to it is a pointer to this */
  struct jpeg_destination_mgr target;
  jmp_buf trap;
  char *message;
  graft_image_status status;
} writer;

static void on_error(j_common_ptr jpeg) {
  writer *w = (writer *)jpeg->err;
  if (w->message[0] == 0) {
    char text[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, text);
    snprintf(w->message, GRAFT_IMAGE_MESSAGE_SIZE, "%s", text);
  }
  w->status = jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? GRAFT_IMAGE_OUT_OF_MEMORY : GRAFT_IMAGE_UNSUPPORTED;
  longjmp(w->trap, 1);
}

static void on_message(j_common_ptr jpeg, int level) { (void)jpeg, (void)level; }
static void on_output(j_common_ptr jpeg) { (void)jpeg; }
static void target_begin(j_compress_ptr jpeg) { (void)jpeg; }
static void target_end(j_compress_ptr jpeg) { (void)jpeg; }

static boolean target_full(j_compress_ptr jpeg) {
  writer *w = (writer *)jpeg->err;
  snprintf(w->message, GRAFT_IMAGE_MESSAGE_SIZE, "the file is larger than %zu bytes",
           graft_jpeg_capacity(jpeg->image_width, jpeg->image_height));
  ERREXIT(jpeg, JERR_CANT_SUSPEND);
  return FALSE;
}

/* libjpeg-turbo's own bound, tjBufSize in turbojpeg.c, without subsampling of colour: no block of 64 values takes more
 * than 128 bytes, and headers take less than 2 KB. */
size_t graft_jpeg_capacity(uint32_t width, uint32_t height) {
  size_t columns = ((size_t)width + 15) / 16 * 16, rows = ((size_t)height + 15) / 16 * 16;
  return columns * rows * 6 + 2048;
}

graft_image_status graft_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t *bytes,
                                     size_t *count, char *message) {
  struct jpeg_compress_struct jpeg;
  writer w;
  memset(&w, 0, sizeof w);
  memset(&jpeg, 0, sizeof jpeg); /* so that destroying it is safe whatever happens */
  jpeg.err = jpeg_std_error(&w.errors);
  w.errors.error_exit = on_error;
  w.errors.emit_message = on_message;
  w.errors.output_message = on_output;
  w.message = message;
  message[0] = 0;
  if (setjmp(w.trap)) {
    jpeg_destroy_compress(&jpeg);
    return w.status;
  }
  size_t capacity = graft_jpeg_capacity(width, height);
  jpeg_create_compress(&jpeg);
  w.target.init_destination = target_begin;
  w.target.empty_output_buffer = target_full;
  w.target.term_destination = target_end;
  w.target.next_output_byte = bytes;
  w.target.free_in_buffer = capacity;
  jpeg.dest = &w.target;
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < height) {
    /* The library does not write to what it is given, but says so nowhere in its types. */
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)jpeg.next_scanline * width * 3);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  *count = capacity - w.target.free_in_buffer;
  jpeg_destroy_compress(&jpeg);
  return GRAFT_IMAGE_OK;
}
