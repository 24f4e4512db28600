/* Conversion of a run of elements of any number type to float32 or int32, as C converts: what fetching a batch needs.
 * The loops are left to the compiler, which has a vector instruction for each conversion that the processor has.
 * Limited by memory. */
#include "kernels.h"
#include "simd.h"

/* IEEE half precision by its bits; not through a denormal float, which the engine's threads flush. */
ALWAYS_INLINE float half_to_float(uint16_t half) {
    uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
    float tiny = (float)(int32_t)fraction * 0x1p-24f; /* exponent 0 */
    uint32_t bits = (exponent + (exponent == 31 ? 255 - 31 : 127 - 15)) << 23 | fraction << 13;
    if (exponent == 0) memcpy(&bits, &tiny, sizeof bits);
    bits |= (uint32_t)(half & 0x8000) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define SAME(value) (value)
#define CONVERT(kind, source, read, target)                                                                            \
    case kind:                                                                                                         \
        for (ptrdiff_t i = 0; i < n; i++) y[i] = (target)read(((const source *)x)[i]);                                 \
        return;

#define CONVERSIONS(target)                                                                                            \
    switch (kind) {                                                                                                    \
        CONVERT(FASTCNN_UINT8, uint8_t, SAME, target)                                                                  \
        CONVERT(FASTCNN_INT8, int8_t, SAME, target)                                                                    \
        CONVERT(FASTCNN_UINT16, uint16_t, SAME, target)                                                                \
        CONVERT(FASTCNN_INT16, int16_t, SAME, target)                                                                  \
        CONVERT(FASTCNN_UINT32, uint32_t, SAME, target)                                                                \
        CONVERT(FASTCNN_INT32, int32_t, SAME, target)                                                                  \
        CONVERT(FASTCNN_UINT64, uint64_t, SAME, target)                                                                \
        CONVERT(FASTCNN_INT64, int64_t, SAME, target)                                                                  \
        CONVERT(FASTCNN_FLOAT16, uint16_t, half_to_float, target)                                                      \
        CONVERT(FASTCNN_FLOAT32, float, SAME, target)                                                                  \
        CONVERT(FASTCNN_FLOAT64, double, SAME, target)                                                                 \
    }

void KERNEL(convert_to_float32)(int kind, ptrdiff_t n, const void *restrict x, float *restrict y) { CONVERSIONS(float) }

void KERNEL(convert_to_int32)(int kind, ptrdiff_t n, const void *restrict x, int32_t *restrict y) {
    CONVERSIONS(int32_t)
}
