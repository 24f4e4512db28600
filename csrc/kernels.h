/* The list of all kernels.
 *
 * One row per kernel: X(name, (arguments)); every kernel returns nothing. From this list come the prototypes of
 * the symbols of each instruction set, the table that dispatch.c fills, and the names that tests and benches read,
 * so that no kernel exists untested. Sizes and strides are counted in elements. */
#ifndef FASTCNN_KERNELS_H
#define FASTCNN_KERNELS_H

#include "conv.h"
#include "gemm.h"

#include <stddef.h>
#include <stdint.h>

#define FASTCNN_KERNELS(X)                                                                                             \
    /* peak.c: what the processor can do at most */                                                                    \
    X(fma_peak, (ptrdiff_t repeats, float *result))                                                                    \
    /* conv.c: convolution forward */                                                                                  \
    X(conv, (const struct conv_shape *shape, const float *x, const float *w, const float *bias, float *y))             \
    X(conv_depthwise, (const struct conv_shape *shape, const float *x, const float *w, const float *bias, float *y))   \
    /* conv_weight_gradient.c: one tap's share of the gradient of the weights, added to dw */                          \
    X(conv_weight_gradient, (const struct conv_gradient_shape *shape, const float *x, const float *dy, float *dw))     \
    X(conv_depthwise_weight_gradient,                                                                                  \
      (const struct conv_gradient_shape *shape, const float *x, const float *dy, float *dw))                           \
    /* reduce.c: sums over rows, and a row added to every row */                                                       \
    X(column_sums, (const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *y))                    \
    X(add_row, (const float *x, const float *row, ptrdiff_t rows, ptrdiff_t columns, float *y))                        \
    X(sum_pieces, (const float *pieces, ptrdiff_t count, ptrdiff_t piece, ptrdiff_t rows, ptrdiff_t columns,           \
                   const float *bias, int flags, float *y))                                                            \
    /* block.c: blocks of a matrix laid out anew */                                                                    \
    X(copy_block,                                                                                                      \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t in_row, ptrdiff_t out_row, const float *in, float *out))           \
    X(transpose_block,                                                                                                 \
      (ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t in_row, ptrdiff_t out_row, const float *in, float *out))           \
    /* gemm.c: matrix products */                                                                                      \
    X(gemm_blocking, (struct gemm_blocking * sizes))                                                                   \
    X(gemm, (const struct product *p, const float *bias, int flags, float *c, ptrdiff_t c_row))                        \
    X(gemm_sgd, (const struct product *p, ptrdiff_t depth, const struct sgd_rates *rates, ptrdiff_t stride, float *w)) \
    X(gemm_momentum, (const struct product *p, ptrdiff_t depth, const struct momentum_rates *rates, ptrdiff_t stride,  \
                      float *w, float *velocity))                                                                      \
    X(gemm_adam, (const struct product *p, ptrdiff_t depth, const struct adam_rates *rates, ptrdiff_t stride,          \
                  float *w, float *m, float *v))                                                                       \
    /* optimizer.c: weights updated in place */                                                                        \
    X(sgd_update, (const struct sgd_rates *rates, const float *g, ptrdiff_t n, float *w))                              \
    X(momentum_update, (const struct momentum_rates *rates, const float *g, ptrdiff_t n, float *w, float *velocity))   \
    X(adam_update, (const struct adam_rates *rates, const float *g, ptrdiff_t n, float *w, float *m, float *v))

#define FASTCNN_MEMBER(name, arguments) void(*name) arguments;
struct kernel_table {
    const char *isa;
    ptrdiff_t vector_length; /* floats in a vector */
    FASTCNN_KERNELS(FASTCNN_MEMBER)
};
#undef FASTCNN_MEMBER

#define FASTCNN_PROTOTYPES(name, arguments)                                                                            \
    void name##_generic arguments;                                                                                     \
    void name##_avx2 arguments;                                                                                        \
    void name##_avx512 arguments;
FASTCNN_KERNELS(FASTCNN_PROTOTYPES)
#undef FASTCNN_PROTOTYPES

/* The table of an instruction set, or NULL where this build or this processor does not have it. */
const struct kernel_table *fastcnn_kernels(const char *isa);

/* Names of the instruction sets that this processor and this build have, best first, ended by NULL. */
const char *const *fastcnn_isas(void);

/* Names of the kernels in the order of the list, ended by NULL. */
const char *const *fastcnn_kernel_names(void);

#endif
