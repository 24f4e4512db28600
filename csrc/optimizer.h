/* What the kernels of optimizer.c take by name. */
#ifndef FASTCNN_OPTIMIZER_H
#define FASTCNN_OPTIMIZER_H

/* The numbers of one update. What the rule of an optimizer reads as r[0], r[1], ... stands in optimizer.c. */
struct update_rates {
    float scale; /* the gradient is multiplied by it, */
    float clip;  /* then limited to -clip ... clip (infinity: not at all); */
    float keep;  /* the weight is multiplied by it: 1 - weight decay * learning rate */
    float r[8];
};

#endif
