/* What the kernels of gemm.c take and give by name. */
#ifndef FASTCNN_GEMM_H
#define FASTCNN_GEMM_H

#include <stddef.h>

/* A block of a product of A[m,k] and B[k,n]. Element (i, p) of A is a[i * a_row + p * a_step]; element (p, j)
 * of B is b[j / panel * b_panel + p * b_step + j % panel], with the panel width of gemm_blocking (in place:
 * b_panel == panel). */
struct product {
    const float *a;
    ptrdiff_t a_row, a_step;
    const float *b;
    ptrdiff_t b_step, b_panel;
    ptrdiff_t m, n, k;
};
/* How a sum ends and begins: + what C holds; ReLU; the sum goes on from what C holds, as if it had stayed there. */
enum { GEMM_ACCUMULATE = 1, GEMM_RELU = 2, GEMM_CONTINUE = 4 };

struct gemm_blocking {
    ptrdiff_t rows, panel; /* of a tile of C */
    ptrdiff_t depth;       /* longest piece of k that is summed in registers */
};

#endif
