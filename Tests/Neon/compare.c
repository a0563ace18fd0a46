/* Compares the kernels of the processor that this runs on with the portable ones, over shapes with odd edges.
 * Prints a line a kernel and exits with 1 if any differs by more than rounding. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CGraftKernels.h"

static uint32_t state = 1;

static float draw(void) {
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / (1 << 23) - 1.0f;
}

static float *array(size_t count) {
  float *p = aligned_alloc(64, (count * sizeof(float) + 4096) / 64 * 64);
  for (size_t i = 0; p && i < count; i++) p[i] = draw();
  return p;
}

/* The largest difference, as a share of the largest magnitude. */
static double difference(const float *a, const float *b, size_t count) {
  double largest = 0, most = 1e-30;
  for (size_t i = 0; i < count; i++) {
    largest = fmax(largest, fabs((double)a[i] - b[i]));
    if (!(a[i] == a[i])) return INFINITY;
    most = fmax(most, fabs((double)a[i]));
  }
  return largest / most;
}

static int report(const char *name, double found) {
  printf("%-12s %.1e\n", name, found);
  return found < 2e-5 ? 0 : 1;
}

static double products(const graft_kernels *k, const graft_kernels *plain) {
  const size_t shapes[][3] = {{1, 1, 1}, {7, 3, 5}, {8, 16, 8}, {25, 40, 33}, {49, 300, 500}, {100, 27, 19}};
  double worst = 0;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const size_t rows = shapes[i][0], depth = shapes[i][1], columns = shapes[i][2];
    float *x = array(rows * depth), *w = array(depth * columns), *bias = array(columns), *added = array(rows * columns);
    float *y[2];
    for (int which = 0; which < 2; which++) {
      const graft_kernels *t = which ? k : plain;
      float *packed = array(t->product_packed_size(depth, columns));
      t->product_pack(depth, columns, w, columns, packed);
      y[which] = array(rows * columns);
      const graft_epilogue e = {bias, added, columns, {GRAFT_CLAMP, 0, 6}};
      t->product(rows, depth, x, depth, packed, columns, 0, columns, y[which], columns, &e);
    }
    worst = fmax(worst, difference(y[0], y[1], rows * columns));
  }
  return worst;
}

static double strassen(const graft_kernels *k, const graft_kernels *plain) {
  double worst = 0;
  for (size_t rows = 1; rows < 120; rows += 17) {
    const size_t depth = 2 * rows + 10, columns = 4 * k->panel * plain->panel;
    float *x = array(rows * depth), *w = array(depth * columns), *bias = array(columns), *added = array(rows * columns);
    float *y[2];
    for (int which = 0; which < 2; which++) {
      const graft_kernels *t = which ? k : plain;
      float *packed = array(t->strassen_packed_size(depth, columns));
      t->strassen_pack(depth, columns, w, columns, packed);
      y[which] = array(rows * columns);
      void *scratch = array(t->strassen_scratch(depth) / 4 + 16);
      const graft_epilogue e = {bias, added, columns, {GRAFT_CLAMP, 0, 6}};
      const graft_rows all = {x, rows, depth, rows, 0};
      t->strassen(&all, 0, t->strassen_tiles(rows), depth, packed, 0, columns, y[which], columns, &e, scratch);
    }
    worst = fmax(worst, difference(y[0], y[1], rows * columns));
  }
  return worst;
}

static graft_window window(size_t h, size_t w, size_t in, size_t out, size_t kernel, size_t stride, size_t pad) {
  return (graft_window){h, w, in, in, (h + 2 * pad - kernel) / stride + 1, (w + 2 * pad - kernel) / stride + 1, out,
                        kernel, kernel, stride, stride, 1, 1, pad, pad};
}

static double convolutions(const graft_kernels *k, const graft_kernels *plain, int side) {
  const size_t shapes[][6] = {{9, 7, 3, 5, 3, 1}, {14, 13, 20, 37, 3, 1}, {17, 11, 3, 8, 5, 2}, {8, 8, 64, 24, 3, 1}};
  double worst = 0;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const size_t kernel = shapes[i][4], in = shapes[i][2], out = shapes[i][3];
    if (side > 0 && (kernel != 3 || shapes[i][5] != 1)) continue;
    const graft_window g = window(shapes[i][0], shapes[i][1], in, out, kernel, shapes[i][5], kernel / 2);
    const size_t pixels = g.out_height * g.out_width, depth = kernel * kernel * in;
    float *x = array(g.in_height * g.in_width * in), *w = array(depth * out), *bias = array(out);
    const graft_epilogue e = {bias, NULL, 0, {GRAFT_HARD_SWISH, 0, 0}};
    float *y[2];
    for (int which = 0; which < 2; which++) {
      const graft_kernels *t = which ? k : plain;
      y[which] = array(pixels * out);
      if (which && side > 0) {
        float *packed = array(t->winograd_packed_size((size_t)side, in, out));
        t->winograd_pack((size_t)side, in, out, w, out, packed);
        void *scratch = array(t->winograd_scratch((size_t)side, &g) / 4 + 16);
        const size_t n = (size_t)side, tiles = ((g.out_height + n - 1) / n) * ((g.out_width + n - 1) / n);
        t->winograd(n, &g, 0, tiles, x, 0, packed, out, 0, out, y[which], 0, &e, 0, 0, scratch);
      } else {
        float *packed = array(t->product_packed_size(depth, out));
        t->product_pack(depth, out, w, out, packed);
        void *scratch = array(t->convolution_scratch(&g) / 4 + 16);
        t->convolution(&g, 0, pixels, x, packed, out, 0, out, y[which], &e, scratch);
      }
    }
    worst = fmax(worst, difference(y[0], y[1], pixels * out));
  }
  return worst;
}

static double depthwise(const graft_kernels *k, const graft_kernels *plain) {
  double worst = 0;
  for (size_t kernel = 3; kernel <= 5; kernel += 2)
    for (size_t stride = 1; stride <= 2; stride++)
      for (size_t side = 3; side <= 15; side += 4) {
        const size_t channels = 21;
        const graft_window g = window(side + 2, side, channels, channels, kernel, stride, kernel / 2);
        const size_t count = g.out_height * g.out_width * channels;
        float *x = array(g.in_height * g.in_width * channels), *w = array(kernel * kernel * channels);
        float *bias = array(channels), *a = array(count), *b = array(count);
        const graft_epilogue e = {bias, NULL, 0, {GRAFT_CLAMP, 0, 6}};
        plain->depthwise(&g, 0, g.out_height, x, w, a, &e);
        k->depthwise(&g, 0, g.out_height, x, w, b, &e);
        worst = fmax(worst, difference(a, b, count));
      }
  return worst;
}

static double elementwise(const graft_kernels *k, const graft_kernels *plain) {
  double worst = 0;
  for (int kind = GRAFT_CLAMP; kind <= GRAFT_LEAKY; kind++)
    for (size_t n = 1; n < 40; n += 3) {
      const graft_activation activation = {kind, 0.1f, 1};
      float *x = array(n), *a = array(n), *b = array(n);
      plain->activate(n, x, a, &activation);
      k->activate(n, x, b, &activation);
      worst = fmax(worst, difference(a, b, n));
      plain->softmax(1, n, x, a);
      k->softmax(1, n, x, b);
      worst = fmax(worst, difference(a, b, n));
    }
  return worst;
}

static double pooling(const graft_kernels *k, const graft_kernels *plain) {
  double worst = 0;
  for (size_t side = 4; side < 12; side++) {
    const graft_window g = window(side, side + 1, 19, 19, 3, 2, 1);
    const size_t count = g.out_height * g.out_width * 19;
    float *x = array(side * (side + 1) * 19), *a = array(count), *b = array(count);
    plain->pool_max(&g, 0, g.out_height, x, a, 0);
    k->pool_max(&g, 0, g.out_height, x, b, 0);
    worst = fmax(worst, difference(a, b, count));
    plain->pool_average(&g, 0, g.out_height, x, a, 0);
    k->pool_average(&g, 0, g.out_height, x, b, 0);
    worst = fmax(worst, difference(a, b, count));
  }
  return worst;
}

int main(void) {
  const graft_kernels *k = graft_kernels_current(), *plain = graft_kernels_for(GRAFT_ISA_PORTABLE);
  printf("%s against %s\n", k->isa_name, plain->isa_name);
  if (k == plain) return 2;
  return report("product", products(k, plain)) | report("Strassen", strassen(k, plain)) |
         report("convolution", convolutions(k, plain, 0)) |
         report("Winograd 4", convolutions(k, plain, 4)) | report("Winograd 2", convolutions(k, plain, 2)) |
         report("depthwise", depthwise(k, plain)) | report("elementwise", elementwise(k, plain)) |
         report("pooling", pooling(k, plain));
}
