"""The compiled core: kernels of every instruction set, drivers that cut ops into tasks, and the plan that runs them."""
