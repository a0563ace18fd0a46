/* Compute kernels: arrays in, arrays out, for a range. No allocation, no threads, no errors.
 *
 * Everything is float32 with channels last (NHWC). One row of GRAFT_KERNELS is one kernel; the tables of
 * all instruction sets, the dispatch and the tests are made from it. A table also says how wide its vectors
 * and panels are, so that callers can split work without knowing the instruction set.
 *
 * A promise that callers build on: each output is summed in an order fixed by the layer's shape and the
 * table alone. How many rows, pixels, columns or channels one call covers never changes a bit of a result.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum {
  GRAFT_ISA_PORTABLE = 0,
  GRAFT_ISA_AVX2 = 1,
  GRAFT_ISA_AVX512 = 2,
  GRAFT_ISA_NEON = 3,
} graft_isa;

enum { GRAFT_ISA_COUNT = 4 };

typedef enum {
  GRAFT_CLAMP = 0,        /* min(max(x, low), high); with infinities it is the identity, or ReLU */
  GRAFT_HARD_SIGMOID = 1, /* min(max(x + 3, 0), 6) / 6 */
  GRAFT_HARD_SWISH = 2,   /* x * hard_sigmoid(x) */
  GRAFT_SIGMOID = 3,      /* 1 / (1 + exp(-x)) */
  GRAFT_SWISH = 4,        /* x * sigmoid(x) */
  GRAFT_TANH = 5,
  GRAFT_GELU = 6,         /* x * (1 + erf(x / sqrt 2)) / 2 */
  GRAFT_LEAKY = 7,        /* x < 0 ? low * x : x */
} graft_activation_kind;

typedef struct {
  int32_t kind;    /* graft_activation_kind */
  float low, high; /* limits of GRAFT_CLAMP; low is the slope of GRAFT_LEAKY */
} graft_activation;

/* What happens to a sum before it is stored: activation(sum + bias[j] + residual[row, j]). */
typedef struct {
  const float *bias;     /* one float a column, or NULL */
  const float *residual; /* laid out like the output, or NULL */
  size_t residual_stride;
  graft_activation activation;
} graft_epilogue;

/* How a window slides over an image. Pixels may lie further apart than they have channels, so that a layer can
 * read from, or write into, a slice of a wider tensor. Padding at the bottom and right follows from the output's
 * size: whatever a window covers outside of the image is padding. */
typedef struct {
  size_t in_height, in_width, in_channels;
  size_t in_stride;  /* floats from one input pixel to the next */
  size_t out_height, out_width;
  size_t out_stride; /* floats from one output pixel to the next */
  size_t kernel_height, kernel_width;
  size_t stride_y, stride_x;
  size_t dilation_y, dilation_x;
  size_t pad_top, pad_left;
} graft_window;

/* Rows of a matrix: `count` of them, `stride` floats apart in lines of `width`, which lie `line` floats apart. */
typedef struct {
  const float *x;
  size_t count, stride, width, line;
} graft_rows;

#define GRAFT_KERNELS(X)                                                                                      \
  /* Floats that `product_pack` writes for a matrix of depth x columns. */                                    \
  X(size_t, product_packed_size, (size_t depth, size_t columns))                                              \
  /* Packs weights[depth][columns], rows `stride` floats apart, into panels of columns. The layout belongs    \
   * to the table: packed weights go only to kernels of the same table. */                                    \
  X(void, product_pack,                                                                                       \
    (size_t depth, size_t columns, const float *weights, size_t stride, float *packed))                       \
  /* y[r][j] = epilogue(sum over k of x[r][k] * w[k][j]) for rows 0..<rows and columns first..<last.          \
   * `first` is a multiple of the table's `panel`; `last` is one too, or is `columns`. */                     \
  X(void, product,                                                                                            \
    (size_t rows, size_t depth, const float *x, size_t x_stride, const float *packed, size_t columns,         \
     size_t first, size_t last, float *y, size_t y_stride, const graft_epilogue *epilogue))                   \
  /* The same product by Strassen's method, for an even depth and columns that are a multiple of twice `panel`. \
   * Floats that `strassen_pack` writes, and packing as by `product_pack`. */                                 \
  X(size_t, strassen_packed_size, (size_t depth, size_t columns))                                             \
  X(void, strassen_pack,                                                                                      \
    (size_t depth, size_t columns, const float *weights, size_t stride, float *packed))                       \
  /* Tiles of neighbouring rows that a matrix is cut into; a result depends on the rows of its tile. */       \
  X(size_t, strassen_tiles, (size_t rows))                                                                    \
  /* Bytes of scratch that `strassen` wants, aligned to 64. */                                                \
  X(size_t, strassen_scratch, (size_t depth))                                                                 \
  /* As `product` for tiles begin..<end of all rows and columns first..<last, multiples of twice `panel`. `y` and \
   * the residual point at all rows. */                                                                       \
  X(void, strassen,                                                                                           \
    (const graft_rows *rows, size_t begin, size_t end, size_t depth, const float *packed, size_t first,       \
     size_t last, float *y, size_t y_stride, const graft_epilogue *epilogue, void *scratch))                  \
  /* Bytes of scratch that `convolution` wants, aligned to 64. */                                             \
  X(size_t, convolution_scratch, (const graft_window *window))                                                \
  /* Convolution of one image for output pixels begin..<end (row-major) and columns first..<last. Weights     \
   * are packed with depth = kernel_height * kernel_width * in_channels, in that order. No im2col: the        \
   * product reads the image through pointers. `x`, `y` and the residual point at the whole image. */         \
  X(void, convolution,                                                                                        \
    (const graft_window *window, size_t begin, size_t end, const float *x, const float *packed,               \
     size_t columns, size_t first, size_t last, float *y, const graft_epilogue *epilogue, void *scratch))     \
  /* The same for 3x3 kernels at stride 1 by Winograd's F(4x4, 3x3), `side` 4, or F(2x2, 3x3), `side` 2.      \
   * Floats that `winograd_pack` writes, and what it packs: weights [3][3][channels][columns], `stride`       \
   * floats from row to row, into memory that is aligned to 64. */                                            \
  X(size_t, winograd_packed_size, (size_t side, size_t channels, size_t columns))                             \
  X(void, winograd_pack,                                                                                      \
    (size_t side, size_t channels, size_t columns, const float *weights, size_t stride, float *packed))       \
  /* Bytes of scratch that `winograd` wants, aligned to 64. */                                                \
  X(size_t, winograd_scratch, (size_t side, const graft_window *window))                                      \
  /* Convolution of pictures that lie `x_picture` floats apart for tiles begin..<end of side x side outputs,  \
   * counted row-major and from picture to picture, and columns first..<last, `first` a multiple of `panel`.  \
   * With `pools` the largest of each 2x2 outputs, at stride 2, is stored: `y` is then half as high and wide. */ \
  X(void, winograd,                                                                                           \
    (size_t side, const graft_window *window, size_t begin, size_t end, const float *x, size_t x_picture,     \
     const float *packed, size_t columns, size_t first, size_t last, float *y, size_t y_picture,              \
     const graft_epilogue *epilogue, size_t residual_picture, int pools, void *scratch))                      \
  /* Depthwise convolution of one image, multiplier 1, for output rows begin..<end. Weights                   \
   * [kernel_height][kernel_width][in_channels]. The residual is not used. */                                 \
  X(void, depthwise,                                                                                          \
    (const graft_window *window, size_t begin, size_t end, const float *x, const float *weights, float *y,    \
     const graft_epilogue *epilogue))                                                                         \
  /* Largest value of each window, output rows begin..<end. Padding does not take part, unless                \
   * `padding_counts`: then it takes part as zeros. */                                                        \
  X(void, pool_max,                                                                                           \
    (const graft_window *window, size_t begin, size_t end, const float *x, float *y, int padding_counts))     \
  /* Mean of each window, output rows begin..<end. Padding neither adds nor counts, unless                    \
   * `padding_counts`: then it counts as zeros. */                                                            \
  X(void, pool_average,                                                                                       \
    (const graft_window *window, size_t begin, size_t end, const float *x, float *y, int padding_counts))     \
  /* Mean or largest value over pixels of channels 0..<channels, pixels `stride` floats apart. */             \
  X(void, global_average, (size_t pixels, size_t channels, const float *x, size_t stride, float *y))          \
  X(void, global_max, (size_t pixels, size_t channels, const float *x, size_t stride, float *y))              \
  /* y = activation(x), activation(a + b), activation(a * b); y may be the same array as an input. */         \
  X(void, activate, (size_t n, const float *x, float *y, const graft_activation *activation))                 \
  X(void, add, (size_t n, const float *a, const float *b, float *y, const graft_activation *activation))      \
  X(void, multiply, (size_t n, const float *a, const float *b, float *y, const graft_activation *activation)) \
  /* y[p][c] = activation(x[p][c] * scale[c] + offset[c]); scale or offset may be NULL (1 or 0). */           \
  X(void, affine,                                                                                             \
    (size_t pixels, size_t channels, const float *x, size_t x_stride, const float *scale,                     \
     const float *offset, float *y, size_t y_stride, const graft_activation *activation))                     \
  /* y = x * scale + offset, all with one scale and offset. */                                                \
  X(void, rescale, (size_t n, const float *x, float scale, float offset, float *y))                           \
  /* Each row minus its mean, over sqrt(its variance + epsilon), times gamma plus beta, one of each a column;      \
   * gamma or beta may be NULL (1 or 0). `y` may be `x`. */                                                       \
  X(void, layer_norm,                                                                                         \
    (size_t rows, size_t columns, const float *x, const float *gamma, const float *beta, float epsilon,       \
     float *y))                                                                                               \
  /* The derivative of GRAFT_GELU. */                                                                         \
  X(void, gelu_slope, (size_t n, const float *x, float *y))                                                   \
  /* exp(x - max) / sum of the same, row by row. */                                                           \
  X(void, softmax, (size_t rows, size_t columns, const float *x, float *y))                                   \
  /* Bytes of scratch, aligned to 64, that `weight_gradient` wants for as many channels and columns. */          \
  X(size_t, weight_gradient_scratch, (const graft_window *window, size_t depth, size_t columns))              \
  /* Gradient with respect to a convolution's weights: adds, over output pixels begin..<end counted from        \
   * picture to picture, x times dy to to[tap][channel][column], columns `stride` floats apart from channel to  \
   * channel, for channels k0..<k1 of all taps and columns first..<last, `first` a multiple of `panel`; and dy   \
   * to sums[column], unless NULL. */                                                                           \
  X(void, weight_gradient,                                                                                    \
    (const graft_window *window, size_t begin, size_t end, const float *x, size_t x_picture,                  \
     const float *dy, size_t dy_picture, size_t k0, size_t k1, size_t first, size_t last, float *to,          \
     size_t stride, float *sums, void *scratch))                                                              \
  /* The same gradient for 3x3 kernels at stride 1 by the transpose of Winograd's F(4x4, 3x3), in three parts.     \
   * Tiles are counted as by `winograd`, of side 4; matrices lie `slice` floats apart, their rows `stride`, and   \
   * `to` is where the first tile's row goes. Transformed tiles of inputs: 36 matrices of tiles x channels. The   \
   * scratch has room for as many floats as a row. */                                                         \
  X(void, winograd_inputs,                                                                                    \
    (const graft_window *window, size_t begin, size_t end, const float *x, size_t x_picture, float *to,       \
     size_t stride, size_t slice, void *scratch))                                                             \
  /* Transformed tiles of gradients of outputs: 36 matrices of tiles x columns. */                            \
  X(void, winograd_gradients,                                                                                 \
    (const graft_window *window, size_t columns, size_t begin, size_t end, const float *dy,                   \
     size_t dy_picture, float *to, size_t stride, size_t slice, void *scratch))                               \
  /* From the products of both, 36 matrices of channels x columns, to[tap][channel][column] for channels        \
   * begin..<end, rows `to_stride` floats apart. */                                                           \
  X(void, winograd_weights,                                                                                   \
    (size_t channels, size_t columns, size_t begin, size_t end, const float *products, size_t stride,         \
     size_t slice, float *to, size_t to_stride))                                                              \
  /* As `weight_gradient` for a depthwise convolution of one image, output rows begin..<end: adds to             \
   * to[tap][channel], and dy to sums[channel], unless NULL. */                                               \
  X(void, depthwise_weight_gradient,                                                                          \
    (const graft_window *window, size_t begin, size_t end, const float *x, const float *dy, float *to,        \
     float *sums))                                                                                            \
  /* Gradient with respect to the input of a depthwise convolution, input rows begin..<end. */                \
  X(void, depthwise_input_gradient,                                                                           \
    (const graft_window *window, size_t begin, size_t end, const float *dy, const float *weights, float *dx,  \
     int accumulates))                                                                                        \
  /* Adds the gradient with respect to the input of `pool_max` over one image; the first of equal values gets  \
   * it. What goes to padding is lost. */                                                                       \
  X(void, pool_max_gradient,                                                                                  \
    (const graft_window *window, const float *x, const float *dy, float *dx, int padding_counts))             \
  /* dy = low < y && y < high ? dy : 0 */                                                                     \
  X(void, gate,                                                                                               \
    (size_t rows, size_t columns, const float *y, size_t y_stride, float low, float high, float *dy,          \
     size_t dy_stride))                                                                                       \
  /* The processor's limit, to compare with: `rounds` rounds of independent multiply-adds in registers.       \
   * Returns the number of floating-point operations; `result` is one float that goes into them. */           \
  X(size_t, multiply_add_chains, (size_t rounds, float *result))

#define GRAFT_SLOT(result, name, arguments) result(*name) arguments;

typedef struct {
  graft_isa isa;
  const char *isa_name;
  size_t lanes; /* floats in a vector */
  size_t panel; /* columns in a full panel of packed weights */
  size_t rows;  /* rows that one pass over a panel computes at most */
  GRAFT_KERNELS(GRAFT_SLOT)
} graft_kernels;

/* The best table for this processor, or the one that the environment variable GRAFT_ISA names (portable, avx2,
 * avx512 or neon) if the processor can run it. Chosen once. */
const graft_kernels *graft_kernels_current(void);

/* The table of one instruction set, NULL where the processor lacks it. */
const graft_kernels *graft_kernels_for(graft_isa isa);
