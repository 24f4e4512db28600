/* Fills one kernel table per instruction set and tells which of them this processor can run.
 * Compiled once, for the baseline of the platform. FASTCNN_BUILD_X86 says that the AVX2 and AVX-512 objects are
 * linked in; elsewhere only the generic table exists. */
#include "kernels.h"

#include <string.h>

#define ROW_GENERIC(name, arguments) .name = name##_generic,
static const struct kernel_table generic_table = {"generic", 4, FASTCNN_KERNELS(ROW_GENERIC)};

#ifdef FASTCNN_BUILD_X86
#define ROW_AVX2(name, arguments) .name = name##_avx2,
#define ROW_AVX512(name, arguments) .name = name##_avx512,
static const struct kernel_table avx2_table = {"avx2", 8, FASTCNN_KERNELS(ROW_AVX2)};
static const struct kernel_table avx512_table = {"avx512", 16, FASTCNN_KERNELS(ROW_AVX512)};
static const struct kernel_table avx512_bfloat16_table = {
    "avx512", 16, FASTCNN_KERNELS(ROW_AVX512) FASTCNN_BFLOAT16_KERNELS(ROW_AVX512)};

static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static int has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

const char *const *fastcnn_isas(void) {
    static const char *names[4];
    int n = 0;
#ifdef FASTCNN_BUILD_X86
    __builtin_cpu_init();
    if (has_avx512()) names[n++] = "avx512";
    if (has_avx2()) names[n++] = "avx2";
#endif
    names[n++] = "generic";
    names[n] = NULL;
    return names;
}

const struct kernel_table *fastcnn_kernels(const char *isa) {
    for (const char *const *name = fastcnn_isas(); *name; name++) {
        if (strcmp(*name, isa) != 0) continue;
#ifdef FASTCNN_BUILD_X86
        if (strcmp(isa, "avx512") == 0)
            return __builtin_cpu_supports("avx512bf16") ? &avx512_bfloat16_table : &avx512_table;
        if (strcmp(isa, "avx2") == 0) return &avx2_table;
#endif
        return &generic_table;
    }
    return NULL;
}

#define NAME(name, arguments) #name,
const char *const *fastcnn_kernel_names(void) {
    static const char *const names[] = {FASTCNN_KERNELS(NAME) FASTCNN_BFLOAT16_KERNELS(NAME) NULL};
    return names;
}
